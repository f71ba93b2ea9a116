"""Texts in other languages: none is missing, none names what its source does not, and what is compiled is what is
written."""

import ast
import gettext
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "mlfix_site/locale"
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
MARKS = {"_", "gettext_lazy", "gettext_noop"}
ENTRY = re.compile(r'^msgid ("(?:.*)")$(?:\nmsgid_plural (".*")$)?\n((?:^msgstr.*\n?)+)', re.M)


def written(language: str) -> dict[str, list[str]]:
    """What a .po file says: the source, then its translations, one or one a number."""
    text = (LOCALE / language / "LC_MESSAGES/django.po").read_text()
    entries = [(ast.literal_eval(found[1]), re.findall(r'^msgstr(?:\[\d\])? (".*")$', found[3], re.M))
               for found in ENTRY.finditer(text)]  # fmt: skip
    return {source: [ast.literal_eval(line) for line in lines] for source, lines in entries if source}


def marked() -> set[str]:
    """Whatever the code and the templates mark as a text to translate."""
    files = subprocess.run(
        ["git", "ls-files", "review", "mlfix_site", "frontend"], cwd=ROOT, capture_output=True, text=True
    )
    found: set[str] = set()
    for name in files.stdout.split():
        if name.endswith(".py") and "/migrations/" not in name:
            for node in ast.walk(ast.parse((ROOT / name).read_text())):
                if (
                    isinstance(node, ast.Call)
                    and getattr(node.func, "id", "") in MARKS
                    and isinstance(node.args[0], ast.Constant)
                ):
                    found.add(node.args[0].value)
        elif name.endswith(".html"):
            text = (ROOT / name).read_text()
            found.update(re.findall(r'{% translate "([^"]+)"', text))
            blocks = re.findall(r"{% blocktranslate[^%]*%}(.*?)(?:{% plural %}.*?)?{% endblocktranslate %}", text)
            found.update(re.sub(r"{{ (\w+) }}", r"%(\1)s", block) for block in blocks)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_names_what_its_source_names(language):
    texts = written(language)
    assert set(texts) == marked()
    for source, lines in texts.items():
        for line in lines:
            assert line, source
            assert sorted(re.findall(r"%\(\w+\)\w", line)) == sorted(re.findall(r"%\(\w+\)\w", source))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    with (LOCALE / language / "LC_MESSAGES/django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for source, lines in written(language).items():
        if len(lines) == 1:
            assert compiled.gettext(source) == lines[0]
        else:
            assert [compiled.ngettext(source, source, n) for n in (1, 2)] == lines


@pytest.mark.django_db
def test_a_site_speaks_as_it_is_asked_to_and_english_else():
    client = Client()
    assert '<html lang="de">' in client.get("/login/", headers={"accept-language": "de-AT,de;q=0.9"}).text
    assert "Anmelden" in client.get("/login/", headers={"accept-language": "de"}).text
    assert "Sign in" in client.get("/login/", headers={"accept-language": "nl"}).text
    assert client.post("/language/", {"language": "fr", "next": "/login/"}).url == "/login/"
    assert "Se connecter" in client.get("/login/", headers={"accept-language": "de"}).text
    assert client.post("/language/", {"language": "fr", "next": "https://example.org/"}).url == "/"


@pytest.mark.django_db
def test_what_the_api_says_comes_in_that_language():
    answer = Client().post("/api/projects/", headers={"accept-language": "es"})
    with translation.override("es"):
        assert answer.json()["detail"] == translation.gettext("Authentication credentials were not provided.")
