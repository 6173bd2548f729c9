"""Replays recorded AgentOS exchanges against a running server and names what differs.

    python3 e2e/transcripts.py http://127.0.0.1:7777 TRANSCRIPTS [GROUP or NAME ...] [-v]

The server has to serve the reference components, with `fake_llm.py` as its model and an empty
database: the recordings count on each other's sessions. TRANSCRIPTS is the folder with the recorded
exchanges. Without a group all groups of `plan.json` run; a single name runs what comes before it in
its group as well, without a line of its own.

One line for each transcript says `ok`, `skip` with a reason, or `FAIL` with the first differences; the
last line counts. The exit code is 1 if one failed. What the reference server does wrong and we do not
copy is listed in `quirks.json`, each with its reason. What we do not have yet is listed in
`not-yet.json`; an entry that passes all the same is a failure, so that the list stays true.
"""

import argparse
import json
import pathlib
import sys

from replay.client import Client
from replay.runner import Runner

HERE = pathlib.Path(__file__).resolve().parent
SHOWN_DIFFERENCES = 4


def main(arguments):
    """Runs the tool; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url", help="base URL of the running server")
    parser.add_argument("transcripts", help="folder with the recorded exchanges")
    parser.add_argument("names", nargs="*", help="groups or names of transcripts; default: all groups")
    parser.add_argument("-v", "--verbose", action="store_true", help="all differences, and the warnings")
    options = parser.parse_args(arguments)
    plan, quirks = load("plan.json"), load("quirks.json")["quirks"]
    try:
        order, wanted = select(plan, options.names)
    except ValueError as error:
        parser.error(str(error))
    not_yet = load("not-yet.json")
    runner = Runner(Client(options.url), options.transcripts, plan, quirks)
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    for group in order:
        for result in runner.run_group(group):
            if wanted is None or result.name in wanted or result.state == "FAIL" and result.name.startswith("setup"):
                expect_missing(result, not_yet)
                counts[result.state] += 1
                print(describe(result, options.verbose), flush=True)
    print(f"{counts['ok']} passed, {counts['FAIL']} failed, {counts['skip']} skipped")
    return 1 if counts["FAIL"] else 0


def expect_missing(result, not_yet):
    """Turns the failure of something that is known to be missing into a skip."""
    reason = not_yet.get(result.name)
    if reason is None:
        return
    if result.state == "FAIL":
        result.state, result.reasons = "skip", [f"not yet: {reason}"]
    elif result.state == "ok":
        result.state, result.reasons = "FAIL", ["it passes now: take it from not-yet.json"]


def load(name):
    """A data file beside this program."""
    return json.loads((HERE / name).read_text())


def names_of(group):
    """The transcripts of a group of the plan."""
    steps = [step if isinstance(step, dict) else {"replay": step} for step in group["steps"]]
    return [step["replay"] for step in steps if "replay" in step]


def select(plan, names):
    """The groups to run, in order, and the transcripts to tell about (None: all)."""
    groups = plan["groups"]
    if not names:
        return list(groups), None
    wanted, needed = set(), set()
    for name in names:
        owners = [group for group in groups if name == group or name in names_of(groups[group])]
        if not owners:
            raise ValueError(f"`{name}` is neither a group ({', '.join(groups)}) nor a transcript of one")
        wanted |= set(names_of(groups[name])) if name in groups else {name}
        needed |= {owners[0], *groups[owners[0]].get("after", ())}
    return [group for group in groups if group in needed], wanted


def describe(result, verbose):
    """The line of a result, with its differences below it."""
    shown = result.reasons if verbose else result.reasons[:SHOWN_DIFFERENCES]
    if result.state == "ok":
        lines = [f"ok   {result.name}"]
    else:
        lines = [f"{result.state} {result.name}: {shown[0] if shown else ''}", *(f"     {text}" for text in shown[1:])]
    if len(shown) < len(result.reasons):
        lines.append(f"     and {len(result.reasons) - len(shown)} more (-v shows them)")
    if verbose:
        lines += [f"     warning: {text}" for text in result.warnings]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
