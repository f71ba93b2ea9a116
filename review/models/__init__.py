"""The entities, one idea a file. Invariants are database constraints here and in the migrations."""

from .audit import AuditEvent
from .campaign import Batch, Campaign, Group, Section
from .dataset import (
    Dataset,
    EmbeddingLease,
    EmbeddingShard,
    Image,
    Item,
    Label,
    LabelOrder,
    Object,
    Ranking,
    RejectedRow,
    Shard,
)
from .guideline import Guideline, GuidelineRead, Ruling
from .job import Job, JobPart
from .label_change import LabelAlias, LabelChange
from .ledger import HandIn
from .lending import Assignment, Contest, Look, Pair, Reason, Tile
from .message import Message
from .notice import Notice
from .own import OwnEncoder, Predictions
from .project import Digest, Invitation, Member, Pause, Project, Role, Team
from .question import Question
from .recut import NewCrop
from .snapshot import Snapshot
from .tutorial import Tutorial
from .user import User
from .verdict import DeskPlace, Export, Fit, Fix, Resolution, Revision, SecondOpinion, Verdict
from .webhook import Delivery, Webhook

__all__ = [
    "Assignment",
    "AuditEvent",
    "Batch",
    "Campaign",
    "Contest",
    "Dataset",
    "Delivery",
    "DeskPlace",
    "Digest",
    "EmbeddingLease",
    "EmbeddingShard",
    "Export",
    "Fit",
    "Fix",
    "Group",
    "Guideline",
    "GuidelineRead",
    "HandIn",
    "Image",
    "Invitation",
    "Item",
    "Job",
    "JobPart",
    "Label",
    "LabelAlias",
    "LabelChange",
    "LabelOrder",
    "Look",
    "Member",
    "Pause",
    "Message",
    "NewCrop",
    "Notice",
    "Object",
    "OwnEncoder",
    "Pair",
    "Predictions",
    "Project",
    "Question",
    "Ranking",
    "Reason",
    "RejectedRow",
    "Resolution",
    "Revision",
    "Role",
    "SecondOpinion",
    "Ruling",
    "Section",
    "Shard",
    "Snapshot",
    "Team",
    "Tile",
    "Tutorial",
    "User",
    "Verdict",
    "Webhook",
]
