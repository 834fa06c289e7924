#!/bin/bash
# Branch coverage of the emulator by its own tests: per file and in all.
# Builds apart from everything else, without optimisation, so that the branches
# counted are the source's. Ends with status 1 below the wanted share.
#
# usage: coverage.sh [PERCENT]    BUILD=folder to build elsewhere
set -eu

cd "$(dirname "$0")/.."
wanted=${1:-90}
out=${BUILD:-build}/coverage
cc=${CC:-gcc}
export DECODE_COUNT=${DECODE_COUNT:-300000} EMULATE_COUNT=${EMULATE_COUNT:-40000}

rm -rf "$out"
mkdir -p "$out/emulate" "$out/rest"
flags="-std=c17 -Wall -Wextra -Werror -I. -O0 -g -D_GNU_SOURCE"
for file in core/emulate/*.c; do
	# shellcheck disable=SC2086
	$cc $flags --coverage -c "$file" -o "$out/emulate/$(basename "$file" .c).o"
done
for file in mmu/walk*.c mmu/format.c core/breakpoint.c; do
	# shellcheck disable=SC2086
	$cc $flags -c "$file" -o "$out/rest/$(basename "$file" .c).o"
done

for file in tests/unit/test_decode.c tests/unit/test_emulate_*.c; do
	test=$(basename "$file" .c)
	# shellcheck disable=SC2086
	$cc $flags "$file" "$out"/emulate/*.o "$out"/rest/*.o --coverage \
		-lcmocka -lZydis -lZycore -lunicorn -o "$out/$test"
	"$out/$test" > "$out/$test.log" 2>&1 || { tail -n 20 "$out/$test.log"; exit 1; }
done

gcov --json-format --branch-probabilities --stdout "$out"/emulate/*.gcda > "$out/gcov.json"
python3 scripts/coverage.py "$wanted" "$out/gcov.json"
