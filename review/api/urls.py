"""The routes of the HTTP contract."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from . import assignments, campaigns, datasets, desk, exports, jobs, media, projects, site

app_name = "api"
urlpatterns = [
    path("token/", site.GetToken.as_view(), name="token"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    path("projects/", projects.Projects.as_view(), name="projects"),
    path("projects/<int:pk>/", projects.OneProject.as_view(), name="project"),
    path("projects/<int:pk>/members/", projects.Members.as_view(), name="members"),
    path("projects/<int:pk>/invitations/", projects.Invitations.as_view(), name="invitations"),
    path("projects/<int:pk>/datasets/", datasets.ProjectDatasets.as_view(), name="project-datasets"),
    path("datasets/<int:pk>/", datasets.OneDataset.as_view(), name="dataset"),
    path("datasets/<int:pk>/import/", datasets.DatasetImport.as_view(), name="dataset-import"),
    path("datasets/<int:pk>/labels/", datasets.Labels.as_view(), name="labels"),
    path("datasets/<int:pk>/items/", datasets.Items.as_view(), name="items"),
    path("datasets/<int:pk>/rejected.csv", datasets.Rejected.as_view(), name="rejected"),
    path("datasets/<int:pk>/campaigns/", datasets.DatasetCampaigns.as_view(), name="dataset-campaigns"),
    path("datasets/<int:pk>/exports/", datasets.DatasetExports.as_view(), name="dataset-exports"),
    path("labels/<int:pk>/", datasets.OneLabel.as_view(), name="label"),
    path("labels/<int:pk>/exemplars/<int:number>/", media.LabelExemplar.as_view(), name="label-exemplar"),
    path("campaigns/<int:pk>/", campaigns.OneCampaign.as_view(), name="campaign"),
    path("campaigns/<int:pk>/progress/", campaigns.Progress.as_view(), name="progress"),
    path("campaigns/<int:pk>/claim/", campaigns.Claim.as_view(), name="claim"),
    path("campaigns/<int:pk>/disputes/", desk.Disputes.as_view(), name="disputes"),
    path("campaigns/<int:pk>/fixes/", desk.Fixes.as_view(), name="fixes"),
    path("assignments/", assignments.Assignments.as_view(), name="assignments"),
    path("assignments/<int:pk>/", assignments.OneAssignment.as_view(), name="assignment"),
    path("assignments/<int:pk>/flags/", assignments.Marks.as_view(), name="flags"),
    path("assignments/<int:pk>/extend/", assignments.Extend.as_view(), name="extend"),
    path("assignments/<int:pk>/release/", assignments.Release.as_view(), name="release"),
    path("assignments/<int:pk>/submit/", assignments.Submit.as_view(), name="submit"),
    path("assignments/<int:pk>/crops", assignments.Crops.as_view(), name="crops"),
    path("assignments/<int:pk>/tiles/<int:position>/crop/", assignments.TileCrop.as_view(), name="tile-crop"),
    path("assignments/<int:pk>/tiles/<int:position>/context/", assignments.TileContext.as_view(), name="tile-context"),
    path(
        "assignments/<int:pk>/tiles/<int:position>/suggestions/",
        assignments.Suggestions.as_view(),
        name="tile-suggestions",
    ),
    path("verdicts/<int:pk>/resolution/", desk.Resolve.as_view(), name="resolution"),
    path("fixes/<int:pk>/revert/", desk.Revert.as_view(), name="revert"),
    path("exports/<int:pk>/", exports.OneExport.as_view(), name="export"),
    path("exports/<int:pk>/download/", exports.Download.as_view(), name="export-download"),
    path("jobs/<int:pk>/", jobs.OneJob.as_view(), name="job"),
    path("jobs/<int:pk>/cancel/", jobs.Cancel.as_view(), name="job-cancel"),
    path("jobs/<int:pk>/resume/", jobs.Resume.as_view(), name="job-resume"),
    path("items/<int:pk>/crop/", media.ItemCrop.as_view(), name="item-crop"),
    path("items/<int:pk>/context/", media.ItemContext.as_view(), name="item-context"),
]
