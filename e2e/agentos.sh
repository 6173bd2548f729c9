#!/usr/bin/env bash
# Starts the reference OS with the scripted model of the recordings, replays the recorded exchanges
# against it, and drives it with Agno's own Python client.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
recordings=${AGNO_SHARED:-$here/../../shared}/agentos
if [ ! -d "$recordings/transcripts" ]; then
  echo 'skipped: the recorded exchanges (../shared/agentos) are not on this machine'
  exit 77
fi

work=${E2E_DIR:-$(mktemp -d)}
server=$(dirname "${AGNO_BIN:-$here/../target/debug/agno}")/reference-os
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

# wait_for COMMAND...: until it succeeds, at most ten seconds.
wait_for() {
  for _ in $(seq 100); do
    "$@" >/dev/null 2>&1 && return 0
    read -rt 0.1 <> <(:) || true
  done
  echo "never true: $*" >&2
  return 1
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# serve FOLDER: a server with an empty database; its address is in the variable `url`.
serve() {
  mkdir -p "$work/$1"
  "$server" --port 0 --llm "http://127.0.0.1:$model_port/v1" --dir "$work/$1" >"$work/$1.out" &
  wait_for grep -q http "$work/$1.out"
  url=$(grep -o 'http://[0-9.:]*' "$work/$1.out" | head -n 1)
}

model_port=$(free_port)
python3 "$recordings/fake_llm.py" --port "$model_port" >"$work/model.log" 2>&1 &
wait_for python3 -c "import urllib.request as r; r.urlopen('http://127.0.0.1:$model_port/health')"

serve exchanges
replayed=$(python3 "$here/transcripts.py" "$url" "$recordings/transcripts") || {
  grep -v '^ok' <<<"$replayed"
  exit 1
}
replayed=$(tail -n 1 <<<"$replayed")

serve client
client=0
python3 "$here/python_client.py" "$url" --venv "${E2E_CACHE:-$work}/client" || client=$?
case $client in
  0) echo "exchanges: $replayed; the Python client works" ;;
  77) echo "exchanges: $replayed; the Python client could not be installed" ;;
  *) exit 1 ;;
esac
