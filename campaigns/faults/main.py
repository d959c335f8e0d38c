"""The campaign: every fault, many times, and what came of it."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from campaigns.faults.scenes import SCENES, SLOW, Scene, remove
from campaigns.faults.trial import Trial, alarm
from campaigns.options import make_parser
from tests.figures import write_figures

_PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
_MOST_RUNS = 3
_COUNTED = ("wrong", "crashed", "hung", "more lines", "not usable")


def main(argv: list[str] | None = None) -> int:
    """Do every fault as often as asked for; return 1 if anything went wrong."""
    parser = make_parser("faults", main.__doc__, steps=20, step="of each fault")
    parser.add_argument("--only", metavar="NAME", help="one fault")
    parser.add_argument("--write", action="store_true", help=f"write the figures to {_PAGE.name}")
    args = parser.parse_args(argv)
    scenes = [scene for scene in SCENES if args.only in (None, scene.__name__)]
    counts = {scene: _repeat(scene, args.steps, args.seed) for scene in scenes}
    text = "".join(f"{line}\n" for line in _make_list(counts))
    print(text)  # noqa: T201
    if args.write:
        _write_page(text, args.steps, args.seed)
    return int(any(count[name] for count in counts.values() for name in _COUNTED))


def _repeat(scene: Scene, rounds: int, seed: int) -> Counter[str]:
    count: Counter[str] = Counter(rounds=max(1, rounds // 10) if scene in SLOW else rounds)
    for number in range(count["rounds"]):
        folder = Path(tempfile.mkdtemp(prefix="antipasta-faults-"))
        folder.chmod(0o755)
        try:
            with alarm(is_slow=scene in SLOW):
                _try(scene, Trial(folder, seed + number), count)
        except TimeoutError:
            count["hung"] += 1
            _complain(scene, seed + number, "hung")
        except Exception as error:
            count["crashed"] += 1
            _complain(scene, seed + number, f"crashed: {error!r}")
        remove(folder)
    return count


def _try(scene: Scene, trial: Trial, count: Counter[str]) -> None:
    """Do a fault once, and run until the store is as good as new."""
    runs = scene(trial)
    lost = 0
    while lost <= _MOST_RUNS:
        runs.append(trial.run(trial.cache_dir))
        if runs[-1].hits == trial.files and not runs[-1].told:
            break
        lost += 1
    count["most runs"] = max(count["most runs"], lost)
    found = {
        "wrong": not all(map(trial.is_right, runs)),
        "more lines": any(len(seen.told) > 1 for seen in runs),
        "not usable": lost > _MOST_RUNS,
    }
    count.update(name for name, is_so in found.items() if is_so)
    if any(found.values()):
        _complain(scene, trial.seed, f"{found}: {[(seen.hits, seen.told) for seen in runs]}")


def _complain(scene: Scene, seed: int, text: str) -> None:
    print(f"{scene.__name__} (seed {seed}): {text}", file=sys.stderr)  # noqa: T201


def _make_list(counts: dict[Scene, Counter[str]]) -> list[str]:
    lines = []
    usual = max(count["rounds"] for count in counts.values())
    for scene, count in counts.items():
        text = (scene.__doc__ or "").strip().rstrip(".")
        lines.append(f"- {text}" if count["rounds"] == usual else f"- {text} ({count['rounds']} rounds)")
    rounds = sum(count["rounds"] for count in counts.values())
    failed = sum(count[name] for count in counts.values() for name in _COUNTED)
    most = max(count["most runs"] for count in counts.values())
    return [
        *lines,
        "",
        f"{failed} of {rounds:,} rounds failed. At most {most} run{'s' * (most != 1)} measured again.",
    ]


def _write_page(text: str, rounds: int, seed: int) -> None:
    command = f"python -m campaigns faults --steps {rounds} --seed {seed} --write"
    write_figures(_PAGE, "faults", f"`{command}` wrote this list:\n\n{text}")
