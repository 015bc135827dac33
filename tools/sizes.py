"""Files and functions stay small enough to read: the hard limits, and how far the code is from what we want to reach.

Counts lines of src/ without tests and migrations, e2e/ and tests by the hard limit alone.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parent.parent
FILE_LIMIT, FUNCTION_LIMIT = 500, 80
FILE_REACH, FUNCTION_REACH = (100, 300), (10, 45)  # median, 95th percentile


def functions(path: Path) -> list[tuple[str, int]]:
    """Name and number of lines of every function in the file, decorators not counted."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1) for node in nodes]


def reach(what: str, lines: list[int], wanted: tuple[int, int]) -> str:
    """One line: median, 95th percentile and largest, beside what we want to reach."""
    high = quantiles(lines, n=20)[-1] if len(lines) > 1 else lines[0]
    return f"{what}: {median(lines):.0f} / {high:.0f} / {max(lines)}   (to reach: ≤ {wanted[0]} / {wanted[1]})"


def main() -> int:
    """Print the sizes; 1 if a hard limit is exceeded."""
    every = sorted(path for folder in ("src", "tools", "e2e") for path in (ROOT / folder).rglob("*.py"))
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in every}
    measured = [path for path in every if not {"tests", "migrations", "e2e"} & set(path.parts) and sizes[path]]
    parts = [part for path in every for part in functions(path)]
    too_large = [f"{path.relative_to(ROOT)}: {size} lines" for path, size in sizes.items() if size > FILE_LIMIT]
    too_long = [f"{name}: {size} lines" for name, size in parts if size > FUNCTION_LIMIT]
    tests = sum(size for path, size in sizes.items() if {"tests", "e2e"} & set(path.parts))
    code = sum(sizes[path] for path in measured)
    print("median / 95th percentile / largest")
    print(reach("lines a file    ", [sizes[path] for path in measured], FILE_REACH))
    print(reach("lines a function", [size for path in measured for _, size in functions(path)], FUNCTION_REACH))
    print(f"lines of code {code}, of tests {tests}: {tests / max(code, 1):.2f} (to reach: ≥ 1)")
    for line in (*too_large, *too_long):
        print(f"too large: {line}", file=sys.stderr)
    return 1 if too_large or too_long else 0


if __name__ == "__main__":
    sys.exit(main())
