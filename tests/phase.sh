# Sourced by `tests/run` and `.ci/run`: names each phase and says how long it took.
# The script that sources this stops at the first failure (`set -e`); the trap says in which phase.

phase_name=''
phase_began=0

# phase NAME COMMAND… — runs the command between two lines that tell its name and wall time.
phase() {
  phase_name=$1
  phase_began=$SECONDS
  shift
  printf '\n=== %s\n' "$phase_name"
  "$@"
  printf '=== %s: %d s\n' "$phase_name" $((SECONDS - phase_began))
  phase_name=''
}

phase_failed() {
  local code=$?
  if [[ -n "$phase_name" ]]; then
    printf '=== %s: FAILED after %d s (exit %d)\n' \
      "$phase_name" $((SECONDS - phase_began)) "$code" >&2
  fi
}
trap phase_failed EXIT
