"""The portal's catalogue: gathers the strings, compiles the translation; with --check says what is stale, missing or fuzzy."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import django
from django.core.management import call_command
from django.test.utils import override_settings

from kindelpost.lib.run import run

PACKAGE = Path(__file__).parent.parent / "src" / "kindelpost"
LOCALE = PACKAGE / "web" / "locale"
CATALOGUE = Path("et") / "LC_MESSAGES" / "django.po"  # English is what the code says
DATED = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Report-Msgid-Bugs-To): .*\\n"\n', re.MULTILINE
)


def gather(locale: Path) -> None:
    """Bring the catalogue in `locale` up to date with the code, without dates and places, and compile it."""
    with override_settings(LOCALE_PATHS=[locale]):
        call_command(
            "makemessages",
            locale=["et"],
            no_location=True,
            no_wrap=True,
            no_obsolete=True,
            ignore_patterns=["tests", "web/locale"],
            verbosity=0,
        )
    source = locale / CATALOGUE
    source.write_text(DATED.sub("", source.read_text(encoding="utf-8")), encoding="utf-8")
    run(["msgfmt", "--check", "--output-file", source.with_suffix(".mo"), source])


def lacking(locale: Path) -> list[str]:
    """The strings without a translation that a person has read."""
    found = []
    for option in ("--untranslated", "--only-fuzzy"):
        text = run(["msgattrib", option, "--no-obsolete", "--no-wrap", locale / CATALOGUE]).out
        found += [line for line in text.splitlines() if line.startswith("msgid ") and line != 'msgid ""']
    return found


def main(*, check: bool) -> int:
    """Write the catalogue, or with `check` only say what is wrong; 1 if something is."""
    django.setup()
    os.chdir(PACKAGE)
    if not check:
        gather(LOCALE)
        wrong = [f"not translated: {line}" for line in lacking(LOCALE)]
    else:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(shutil.copytree(LOCALE, Path(folder) / "locale"))
            gather(copy)
            wrong = [f"not translated: {line}" for line in lacking(copy)]
            for path in (CATALOGUE, CATALOGUE.with_suffix(".mo")):
                if (copy / path).read_bytes() != (LOCALE / path).read_bytes():
                    wrong.append(f"{path} is stale: run `make generated`.")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
