"""Seeds of the fuzz targets: `fuzz/seeds.py DESTINATION`. The fixtures and examples of the project, one folder a target; nothing is copied into
the repository but what no fixture has (`fuzz/seeds/`)."""

import base64
import itertools
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
DESTINATION = pathlib.Path(sys.argv[1])
# Longer inputs only make the fuzzer slow.
MOST = 16384
numbers = itertools.count()


def seed(target: str, content: bytes) -> None:
    if len(content) <= MOST:
        folder = DESTINATION / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{next(numbers):05}").write_bytes(content)


def tree(files: dict[str, bytes]) -> bytes:
    """As `csrlint_fuzz::files` reads it."""
    return b"".join(
        b"==== %s\n%s%s" % (name.encode(), content, b"" if content.endswith(b"\n") else b"\n")
        for name, content in files.items()
    )


def folder(path: pathlib.Path) -> dict[str, bytes]:
    found = (file for file in sorted(path.rglob("*")) if file.is_file() and file.suffix != ".expected")
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in found}


def blocks(text: bytes) -> list[bytes]:
    return re.findall(rb"-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----\n?", text)


def of_tree(files: dict[str, bytes]) -> None:
    seed("named", tree(files))
    seed("fix", tree(files))
    both = {f"{side}/{name}": content for side in ("before", "after") for name, content in files.items()}
    seed("diff", tree(both))


def of_file(content: bytes) -> None:
    seed("file", content)
    seed("stream", bytes([7, next(numbers) % 256]) + content)
    for block in blocks(content):
        body = b"".join(block.splitlines()[1:-1])
        try:
            seed("der", base64.b64decode(body))
        except ValueError:
            pass


for path in sorted(pathlib.Path(ROOT, "rules").glob("*/*.yaml")):
    examples = yaml.safe_load(path.read_text(encoding="utf-8")).get("examples", {})
    for kind in ("pass", "fail"):
        # One of each: they share most of their bytes.
        for example in examples.get(kind, [])[:1]:
            files = {name: str(text).encode() for name, text in example.get("files", {}).items()}
            if not files:
                continue
            of_tree(files)
            for content in files.values():
                of_file(content)

templates = ROOT / "tests/templates"
for path in sorted(templates.rglob("*")):
    if path.is_dir():
        of_tree(folder(path))
    elif path.suffix != ".expected":
        of_file(path.read_bytes())
        of_tree({path.name: path.read_bytes()})
old, new = ROOT / "tests/templates/terraform/tls", ROOT / "tests/templates/terraform/issuers"
states = {f"before/{name}": text for name, text in folder(old).items()}
seed("diff", tree(states | {f"after/{name}": text for name, text in folder(new).items()}))

policies = [ROOT / "examples/acme/csrlint.yaml", *sorted((ROOT / "examples/acme/policy").rglob("*.yaml"))]
for path in policies:
    seed("policy", path.read_bytes())
    seed("layers", tree({"csrlint.yaml": path.read_bytes()}))
for path in sorted((ROOT / "fuzz/seeds").rglob("*")):
    if path.is_file():
        seed(path.parent.name, path.read_bytes())
