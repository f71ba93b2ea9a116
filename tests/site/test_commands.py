"""The main job from the command line: import, rank and plan, a simulated crowd over HTTP, score, export."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources import PICTURE, zipped

from .conftest import Site


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def reviewed(site: Site, signs: Path) -> dict[str, Any]:
    """What the commands made of the drawn signs, after a crowd without fault."""
    source = ["import_dataset", "Signs", str(signs / "manifest.csv"), "--group-by", "sign", "--name", "Drawn"]
    imported = site.made(*source)
    opened = site.made("open_campaign", "Drawn", "--name", "All", "--batch-size", "40", "--looks-min", "2")
    crowd = ["--reviewers", "3", "--sensitivity", "1", "--specificity", "1", "--label-accuracy", "1", "--supervisor"]
    simulated = site.made("simulate_crowd", "All", "--truth", str(signs / "truth.csv"), *crowd)
    return {"imported": imported, "opened": opened, "simulated": simulated}


def test_each_command_says_what_it_made(reviewed: dict[str, Any]) -> None:
    assert reviewed["imported"].items() >= {"items": 120, "labels": 12, "rejected": 0}.items()
    assert reviewed["opened"]["batches"] >= 1
    assert set(reviewed["simulated"]) == {"assignments", "looks", "flags", "resolutions", "seconds"}
    assert reviewed["simulated"]["looks"] >= 240


def test_a_crowd_without_fault_finds_all_that_was_planted(site: Site, signs: Path, reviewed: dict[str, Any]) -> None:
    score = site.made("score_fixes", "All", "--truth", str(signs / "truth.csv"))
    assert score.items() >= {"items": 120, "planted": 6, "found": 6, "right_label": 6, "false_alarms": 0}.items()
    assert (score["precision"], score["recall"], score["f1"]) == (1.0, 1.0, 1.0)
    low, high = score["residual_interval"]
    assert low <= score["residual_rate"] <= high


def test_the_export_holds_the_true_labels_and_nothing_else_changed(
    site: Site, signs: Path, reviewed: dict[str, Any], tmp_path: Path
) -> None:
    full = site.made("export_dataset", "Drawn", "--output", str(tmp_path / "fixed.csv"))
    assert full["fixes"] == 6
    fixed, truth = rows(Path(full["path"])), {row["image"]: row["true_label"] for row in rows(signs / "truth.csv")}
    assert {row["image"]: row["label"] for row in fixed} == truth
    assert [{**row, "label": ""} for row in fixed] == [{**row, "label": ""} for row in rows(signs / "manifest.csv")]
    patch = site.made("export_dataset", "Drawn", "--kind", "patch", "--output", str(tmp_path))
    assert len(rows(Path(patch["path"]))) == 6


def test_losses_come_in_from_the_command_line(
    site: Site, signs: Path, reviewed: dict[str, Any], tmp_path: Path
) -> None:
    lines = [f"{row['image']},{number}" for number, row in enumerate(rows(signs / "manifest.csv"))]
    (tmp_path / "losses.csv").write_text("\n".join(["image,loss", *lines, "nobody,1"]))
    made = site.made("import_predictions", "Drawn", str(tmp_path / "losses.csv"), "--name", "net", "--only-keep")
    assert made.items() >= {"items": 120, "refused": 1, "holds": ["losses"], "used": False}.items()


def test_nothing_in_the_database_contradicts_itself(site: Site, reviewed: dict[str, Any]) -> None:
    assert site.made("check_invariants") == {"breaches": 0}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["open_campaign", "Nowhere"], "There is no dataset 'Nowhere'."),
        (["open_campaign", "Drawn", "--batch-size", "3"], "batch_size: "),
        (["import_dataset", "Signs", "/nowhere.csv"], "There is no file or folder /nowhere.csv."),
        (["simulate_crowd", "All", "--truth", "manage.py"], "needs the columns key (or image) and true_label"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    site: Site, reviewed: dict[str, Any], arguments: list[str], sentence: str
) -> None:
    done = site.run(*arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_a_source_without_a_good_row_fails_with_the_imports_own_sentence(
    site: Site, reviewed: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "bad.csv").write_text("image,label\nabsent.jpg,sign\n")
    done = site.run("import_dataset", "Signs", str(tmp_path / "bad.csv"))
    assert done.returncode == 1
    assert "There is no image absent.jpg" in done.stderr


def test_fixed_alone_means_three_looks(site: Site, signs: Path, reviewed: dict[str, Any]) -> None:
    made = site.made("open_campaign", "Drawn", "--name", "Fixed", "--policy", "fixed")
    shell = site.run(
        "shell", "-v", "0", "-c",
        f"import json; c = Campaign.objects.get(pk={made['campaign']}); print(json.dumps([c.looks_min, c.looks_max]))",
    )  # fmt: skip
    assert json.loads(shell.stdout.splitlines()[-1]) == [3, 3]


def test_a_zip_of_annotations_is_looked_through_with_the_images_beside_it(site: Site, tmp_path: Path) -> None:
    (tmp_path / "labels.zip").write_bytes(zipped({"a.txt": b"0 .5 .5 .5 .5\n", "classes.txt": b"disc\n"}))
    (tmp_path / "pictures.zip").write_bytes(zipped({"a.jpg": PICTURE}))
    images = ["--images", str(tmp_path / "pictures.zip")]
    looked = site.made("import_dataset", "Yolo", str(tmp_path / "labels.zip"), *images, "--dry-run")
    assert (looked["items"], looked["labels"]) == (1, {"disc": 1})
    assert "previews" not in looked
