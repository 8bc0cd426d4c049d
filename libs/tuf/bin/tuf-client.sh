#!/bin/sh
# The entry point that the conformance suite starts: the client under the project's own Node.
exec "${BALLAST_NODE:-node}" "$(dirname "$0")/tuf-client.ts" "$@"
