#!/bin/bash
# The page in a real browser: no console message, no overflow on a phone or a desk,
# readable without scripts, its script at work; one board from reports of two vendors.
# Pictures of it stay in BUILD/page. A browser or xmllint that is missing is a skip.
#
# usage: test_page.sh [BUILD]
set -u

build=${1:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
shots=$build/page
mkdir -p "$shots"
most=500000

# check NAME COMMAND...: passes when the command does.
check() {
	local name=$1
	shift
	if "$@" > "$work/out" 2>&1; then
		echo "ok - $name"
	else
		sed 's/^/# /' "$work/out"
		echo "not ok - $name"
	fi
}

# Runs of today, and made-up ones of every sort.
"$build/diptych" compare triple --rungs svm-npt --machines qemu:EPYC \
	--json "$work/now.json" --html "$work/now.html" > "$work/said" 2>&1
check "compare writes a page" grep -q 'id="board"' "$work/now.html"
check "compare says where the page is" grep -q "^page:   $work/now.html" "$work/said"
check "the stretches of a run say what the hypervisor executed" \
	grep -q '"hypervisor"' "$work/now.json"

# Reports as they come from two machines: one with only AMD columns, one with only Intel.
python3 - tests/system/page_report.json "$work" <<'PYTHON'
import json, sys

report, work = json.load(open(sys.argv[1])), sys.argv[2]
for name, wanted in (("amd", ("svm-", "bare")), ("intel", ("vmx-", "bare"))):
    runs = [r for r in report["runs"] if r["rung"].startswith(wanted)]
    out = {"schema": report["schema"], "runs": runs}
    json.dump(out, open(f"{work}/{name}.json", "w"))
PYTHON
"$build/diptych" merge "$work/now.json" "$work/amd.json" "$work/intel.json" \
	--html "$work/page.html" > /dev/null 2>&1
"$build/diptych" merge "$work/intel.json" "$work/now.json" "$work/amd.json" \
	--html "$work/turned.html" > /dev/null 2>&1
"$build/diptych" merge "$work/amd.json" --html "$work/amd.html" > /dev/null 2>&1

check "the order of reports does not show" cmp "$work/page.html" "$work/turned.html"
check "two vendors, one board" test "$(grep -c 'id="board"' "$work/page.html")" = 1
check "no vendor is missing" bash -c "! grep -q 'no column of an' '$work/page.html'"
check "a vendor that is missing is named" \
	grep -q 'VT-x (no column of an Intel processor)' "$work/amd.html"
for page in page now amd; do
	check "$page: at most 500 KB" \
		test "$(stat -c %s "$work/$page.html")" -le "$most"
	if command -v xmllint > /dev/null; then
		check "$page: well-formed" xmllint --noout "$work/$page.html"
	else
		echo "ok - $page: well-formed # SKIP no xmllint here"
	fi
done
"$build/diptych" merge "$work/amd.json" --html - 2> /dev/null |
	cmp -s - "$work/amd.html"
check "a page on stdout is nothing but the page" \
	test "${PIPESTATUS[1]}" = 0

if ! command -v chromium > /dev/null; then
	echo "ok - the page in a browser # SKIP no chromium here"
	exit 0
fi

cat > "$work/views" <<VIEWS
{"desk": {"width": 1440, "height": 900, "is": ["whole"], "shot": "$shots/desk.png",
  "eval": ["document.documentElement.scrollWidth",
	"document.querySelectorAll('svg.fig path[stroke]').length"]},
 "phone": {"width": 360, "height": 740, "is": ["whole"], "shot": "$shots/phone.png",
  "eval": ["document.documentElement.scrollWidth"]},
 "dark": {"width": 1440, "height": 900, "is": ["dark"], "shot": "$shots/dark.png",
  "eval": ["getComputedStyle(document.body).backgroundColor"]},
 "plain": {"width": 1440, "height": 900, "is": ["noscript"], "shot": "$shots/plain.png",
  "eval": ["document.querySelectorAll('.chips').length",
	"document.getElementById('board').innerText.includes('differs')"]},
 "paper": {"width": 794, "height": 1123, "is": ["print"], "shot": "$shots/paper.png",
  "eval": ["document.documentElement.scrollWidth"]},
 "script": {"width": 1440, "height": 900, "shot": "$shots/script.png",
  "eval": ["(function () { var svg = document.querySelector('svg.order'); \
		svg.scrollIntoView(); \
		var at = svg.querySelector('g g path').getBoundingClientRect(); \
		svg.dispatchEvent(new PointerEvent('pointermove', \
			{ clientX: at.left + 8, clientY: at.top + 4 })); \
		return document.getElementById('tip').textContent; })()",
	"(function () { var all = document.querySelectorAll('.chips button'); \
		all.forEach(function (b) { if (b.textContent === 'VT-x') b.click(); }); \
		return [all.length, \
			Array.from(document.querySelectorAll('#board td[data-v]')) \
			.filter(function (c) { return c.offsetWidth; }) \
			.every(function (c) { return c.dataset.v === 'VT-x'; })]; })()"]}}
VIEWS
timeout 200 python3 tests/system/page_look.py "$work/page.html" < "$work/views" \
	> "$work/found" 2> "$work/err" || sed 's/^/# /' "$work/err"

# found NAME PYTHON: what was found in that view, as `f`, makes the expression true.
found() {
	python3 -c "import json, sys
f = json.load(open('$work/found'))['$1']
print(f)
sys.exit(not ($2))"
}

for name in desk phone dark plain script paper; do
	check "$name: no console message" found $name 'f["messages"] == []'
	check "$name: nothing is fetched" found $name 'len(f["requests"]) == 1'
done
check "desk: no overflow" found desk 'f["values"][0] <= 1440 and f["wide"] <= 1440'
check "desk: lanes are drawn" found desk 'f["values"][1] > 50'
check "phone: no overflow" found phone 'f["values"][0] <= 360 and f["wide"] <= 360'
check "paper: no overflow" found paper 'f["values"][0] <= 794'
check "dark where the reader wants it dark" found dark \
	'max(int(n) for n in f["values"][0][4:-1].split(",")) < 60'
check "without scripts: the board, and no buttons that do nothing" found plain \
	'f["values"] == [0, True]'
check "hovering tells the numbers of a phase" found script \
	'"hypervisor" in f["values"][0] and "exits" in f["values"][0]'
check "the filter leaves the columns of a vendor" found script \
	'f["values"][1][0] >= 3 and f["values"][1][1]'
