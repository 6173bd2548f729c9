"""Drives a running reference OS with Agno's own Python client.

    python3 e2e/python_client.py http://127.0.0.1:7777 [--venv FOLDER]

The client is installed into a virtual environment (default: target/e2e-venv). The exit code is 0 if
everything works, 1 if something differs, and 77 with a reason if the client can't be installed.
"""

import argparse
import asyncio
import os
import pathlib
import subprocess
import sys
import venv

VERSION = "3.1.10"
ROOT = pathlib.Path(__file__).resolve().parent.parent
CHECKS = "AGNO_E2E_CHECKS"


def main(arguments):
    """Runs the checks inside of the virtual environment; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url", help="base URL of the running server")
    parser.add_argument("--venv", type=pathlib.Path, default=ROOT / "target" / "e2e-venv")
    options = parser.parse_args(arguments)
    if CHECKS in os.environ:
        return asyncio.run(checks(options.url))
    python = options.venv / "bin" / "python"
    problem = install(options.venv, python)
    if problem:
        print(f"skipped: Agno {VERSION} can't be installed: {problem}")
        return 77
    command = [str(python), __file__, options.url]
    return subprocess.run(command, env={**os.environ, CHECKS: "1"}, check=False).returncode


def install(folder, python):
    """Installs the client if it is not there; returns what kept it from that."""
    known = subprocess.run([str(python), "-c", "import agno.client"], capture_output=True, check=False) \
        if python.exists() else None
    if known is not None and known.returncode == 0:
        return None
    try:
        venv.create(folder, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return str(error)
    package = f"agno[os]=={VERSION}"
    done = subprocess.run([str(python), "-m", "pip", "install", "-q", package], capture_output=True,
                          text=True, check=False)
    return None if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def equal(what, found, expected):
    """Tells and remembers a difference."""
    if found == expected:
        print(f"ok   {what}")
        return True
    print(f"FAIL {what}: {found!r} instead of {expected!r}")
    return False


async def checks(url):
    """What a Python program does with the server."""
    from agno.client import AgentOSClient
    from agno.db.base import SessionType

    client = AgentOSClient(base_url=url)
    results = [*await agents(client), *await runs(client), *await sessions(client, SessionType.AGENT)]
    print(f"{sum(results)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


async def agents(client):
    """Listing agents."""
    config = await client.aget_config()
    listed = await client.list_agents()
    agent = await client.aget_agent("tool-agent")
    names = [tool["name"] for tool in agent.tools["tools"]]
    return [
        equal("config", (config.os_id, config.databases), ("ref-os", ["main-db"])),
        equal("list agents", [one.id for one in listed], ["tool-agent", "kb-agent"]),
        equal("get agent", (agent.name, agent.model.model), ("Tool Agent", "fake-model")),
        equal("tools", "get_weather" in names, True),
    ]


async def runs(client):
    """Running an agent, whole, streamed, paused and cancelled."""
    prompt = 'weather [[tool:get_weather {"city":"Paris"}]]'
    run = await client.run_agent("tool-agent", prompt, session_id="py-1", user_id="py")
    events = [event async for event in client.run_agent_stream("tool-agent", "x [[say:a b c]]", session_id="py-1",
                                                              user_id="py")]
    text = "".join(event.content for event in events if event.event == "RunContent")
    paused = await client.run_agent("tool-agent", 'del [[tool:delete_file {"path":"/x"}]]', session_id="py-2")
    for tool in paused.tools:
        tool.confirmed = True
    done = await client.continue_agent_run("tool-agent", paused.run_id, paused.tools, session_id="py-2")
    await client.cancel_agent_run("tool-agent", done.run_id)
    failed = await client.run_agent("tool-agent", "err [[error:400 no]]", session_id="py-3")
    stateful = await client.run_agent("tool-agent", 'n [[tool:bump_counter {"by":2}]]', session_id="py-4",
                                      session_state={"counter": 5})
    return [
        equal("run", (run.status.value, run.content), ("COMPLETED", "Echo: weather | tool=Sunny in Paris")),
        equal("run: tools", run.tools[0].result, "Sunny in Paris"),
        equal("run: metrics", run.metrics.total_tokens > 0, True),
        equal("stream: text", text, "a b c"),
        equal("stream: last", (events[-1].event, events[-1].content), ("RunCompleted", "a b c")),
        equal("pause", paused.status.value, "PAUSED"),
        equal("continue", (done.status.value, done.content), ("COMPLETED", "Echo: del | tool=deleted /x")),
        equal("provider error", failed.status.value, "ERROR"),
        equal("session state", stateful.session_state["counter"], 7),
    ]


async def sessions(client, agent):
    """Conversations."""
    created = await client.create_session(agent, session_id="py-new", user_id="py", session_name="New",
                                          session_state={"a": 1}, agent_id="tool-agent")
    listed = await client.get_sessions(session_type=agent, user_id="py")
    one = await client.get_session("py-1", session_type=agent)
    stored = await client.get_session_runs("py-1", session_type=agent)
    first = await client.get_session_run("py-1", stored[0].run_id, session_type=agent)
    previews = await client.aget_session_run_previews("py-1", session_type=agent)
    renamed = await client.rename_session("py-new", "Renamed", session_type=agent)
    updated = await client.update_session("py-new", session_type=agent, session_state={"b": 2})
    await client.delete_session("py-new")
    left = await client.get_sessions(session_type=agent, user_id="py")
    return [
        equal("create session", (created.session_id, created.session_name), ("py-new", "New")),
        equal("list sessions", sorted(session.session_id for session in listed.data), ["py-1", "py-new"]),
        equal("get session", len(one.chat_history), 5),
        equal("session runs", len(stored), 2),
        equal("session run", first.run_id, stored[0].run_id),
        equal("previews", len(previews), 2),
        equal("rename session", renamed.session_name, "Renamed"),
        equal("update session", updated.session_state, {"b": 2}),
        equal("delete session", [session.session_id for session in left.data], ["py-1"]),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
