"""The campaign: a tree changes, and a command says the same of it with its store and without."""

from __future__ import annotations

import difflib
import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from campaigns.cold.tree import Tree
from campaigns.options import make_parser
from pytest_antipasta.files import reading
from tests.environment import ENVIRONMENT
from tests.older.asking import Answer, ask

# A tree lives so long, and its store with it.
_LIFE = 100


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if a command said something else with its store."""
    parser = make_parser("cold", main.__doc__, steps=200)
    args = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="antipasta-cold-"))
    os.environ |= {**ENVIRONMENT, "PYTEST_ANTIPASTA_CACHE_DIR": str(folder / "cache")}
    # Files count as settled at once, and get times of their own.
    reading._RACY_NANOSECONDS = -(10**9)
    here, different, hits = Path.cwd(), 0, 0
    for life in range(0, args.steps, _LIFE):
        chance = random.Random(f"{args.seed} {life}")
        tree = Tree(folder / "tree", chance)
        os.chdir(tree.root)
        done: list[str] = []
        for step in range(life, min(life + _LIFE, args.steps)):
            done += [tree.change() for _ in range(chance.choice([0, 1, 1, 2, 3]))]
            words = choose_command(chance, tree)
            warm, cold = ask(words), ask([*words, "--no-cache"])
            hits += _count_hits()
            if warm != cold:
                different += 1
                tell(f"step {step}: {' '.join(words)}\nafter {done[-6:]}", warm, cold)
        os.chdir(here)
        shutil.rmtree(folder / "tree")
        shutil.rmtree(folder / "cache", ignore_errors=True)
    print(f"{args.steps} steps, {hits} files found in the store, {different} differences")  # noqa: T201
    shutil.rmtree(folder, ignore_errors=True)
    return int(different > 0 or not hits)


def tell(where: str, warm: Answer, cold: Answer) -> None:
    """Say how two answers differ."""
    with_store, without = ([f"exit code {one[0]}", *"".join(one[1:]).splitlines()] for one in (warm, cold))
    lines = difflib.unified_diff(with_store, without, "with the store", "without", lineterm="", n=0)
    print(where, *lines, "", sep="\n", file=sys.stderr)  # noqa: T201


def choose_command(chance: random.Random, tree: Tree) -> list[str]:
    """Return a command with options."""
    pick = chance.choice
    name = tree.pick_file()
    judged = [
        *pick([(), (), (), (name,), ("lib",), (name, "lib")]),
        *pick(
            [
                (),
                (),
                ("--all",),
                ("--top", "2"),
                ("--no-ignore",),
                ("--list-suppressions",),
                ("--no-baseline",),
            ]
        ),
        *pick(
            [
                (),
                (),
                ("--limit", f"cyclomatic_complexity={pick([1, 3, 9])}"),
                ("--metric", "cognitive_complexity"),
            ]
        ),
        *pick([(), (), ("--exclude", "lib/*.py"), ("--shard", "1/2"), ("--sort", "path")]),
    ]
    form = [f"--format={pick(['json', 'csv', 'sarif', 'gitlab', 'junit', 'markdown', 'github'])}"]
    ways = [
        (12, ["check", *judged]),
        (8, ["check", *(one for one in judged if one != "--list-suppressions"), *form]),
        (3, ["measure", *pick([(), (name,)]), "--format", pick(["json", "csv", "table"])]),
        (2, ["explain", name]),
        (2, ["check", pick(["--staged", "--diff=HEAD", "--diff=HEAD~1"]), *pick([(), form])]),
        (2, ["hook", *pick([(), (name,)])]),
        (2, ["trend", *pick([(), ("--hotspots",), (f"{name}::f",)]), *pick([(), ("--format", "json")])]),
        (1, ["baseline", pick(["show", "prune"])]),
    ]
    (words,) = chance.choices([words for _, words in ways], [weight for weight, _ in ways])
    return words


def _count_hits() -> int:
    """Return how many files the last run that kept a journal has found in the store."""
    path = Path(os.environ["PYTEST_ANTIPASTA_CACHE_DIR"], "v1", "runs.jsonl")
    lines = path.read_text().split("\n") if path.exists() else []
    return int(json.loads(lines[-1])["hits"]) if lines and lines[-1] else 0
