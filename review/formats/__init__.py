"""One reader a file. `detect` tells which one a source wants."""

FORMATS = ("auto", "image_folder", "manifest")


def detect(given: str, has_manifest: bool) -> str:
    """The format to read a source by."""
    if given != "auto":
        return given
    return "manifest" if has_manifest else "image_folder"
