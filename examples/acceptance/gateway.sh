#!/usr/bin/env bash
# Serves a gateway in front of a scripted backend, or puts its account back to work. See docs/acceptance.md.
#
#   gateway.sh serve multi-tenant|everything-on|local
#   gateway.sh reset multi-tenant|everything-on|local 'COMMAND that writes a new login to the file in $1'
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
action="${1:?serve or reset}"
name="${2:?multi-tenant, everything-on or local}"
login="${ACCEPTANCE_AUTH_JSON:?the auth.json that the scripted backend accepts}"
backend="http://127.0.0.1:${FAKE_UPSTREAM_PORT:-21100}"
cli="$here/../../dist/src/cli.js"

export UPSTREAM_BASE_URL="$backend" OAUTH_ISSUER_URL="$backend"
export DATA_DIR="${DATA_DIR:-$here/../../data/acceptance}/$name"
export LOG_LEVEL="${LOG_LEVEL:-warn}"
ACCEPTANCE_LOGIN="$(cat "$login")"
export ACCEPTANCE_LOGIN
PORT="${GATEWAY_URL##*:}"
export PORT

case "$action $name" in
  'serve local')
    export API_KEY="${GATEWAY_KEY:?}" AUTH_JSON="$login"
    exec node "$cli" serve --local
    ;;
  serve*)
    export SEED_FILE="$here/$name.yaml"
    exec node "$cli" serve
    ;;
  reset*)
    bash -c "${3:?the command that writes a new login}" reset "$login"
    pool=acceptance label=recorded
    if [ "$name" = local ]; then pool=local label=local; fi
    # The backend that would prove the login waits for this command.
    node "$cli" account import "$login" --label "$label" --pool "$pool" --no-proof
    # A gateway looks at its accounts once a second.
    sleep 1
    ;;
esac
