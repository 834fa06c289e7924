#!/bin/bash
# The CI templates: lint, and their shell steps as they stand, run in a copy of this tree for
# a runner with an AMD CPU under KVM (played by QEMU's own SVM) and one without KVM.
#
# usage: test_ci.sh [BUILD]
# shellcheck disable=SC2317 # functions are called through check
set -u

cd "$(dirname "$0")/../.." || exit 1
source=$PWD build=${1:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

check() {
	local rule=$1
	shift
	if "$@" > "$work/said" 2>&1; then
		echo "ok - $rule"
	else
		echo "not ok - $rule"
		tail -n 12 "$work/said" "$work/out" | sed 's/^/# /'
		failed=1
	fi
}

lint() {
	yamllint -s -d '{extends: default, rules: {line-length: {max: 100}}}' "$@"
}
: > "$work/out"
check "the templates are clean YAML" lint ci/github.yml ci/gitlab.yml
if command -v actionlint > /dev/null; then
	check "actionlint has nothing to say" actionlint ci/github.yml
fi

steps() {
	python3 tests/system/ci_steps.py "$1" "ci/$1.yml" "$2" > "$work/$1-$2.sh" &&
		[ -s "$work/$1-$2.sh" ]
}
for job in "github compare" "github merge" "gitlab amd" "gitlab intel" "gitlab merge"; do
	# shellcheck disable=SC2086 # two words
	check "steps of $job" steps $job
done

# The tree and what is built of it, as a runner has it after its build step.
mkdir -p "$work/tree/build" "$work/bin"
tar -c --exclude=./build --exclude=./.git . | tar -x -C "$work/tree"
tar -c -C "$build" --exclude=./{cache,clang,lint,runs,san,tests,unit} . |
	tar -x -C "$work/tree/build"
qemu=$(command -v qemu-system-x86_64)
cat > "$work/bin/qemu-system-x86_64" <<FAKE_KVM
#!/bin/bash
# KVM that hands on SVM: no icount, so that the TSC counts no instructions.
for word; do
	shift
	case \$word in
	kvm)	word=tcg ;;
	host,*)	word=EPYC,+svm,+npt ;;
	esac
	set -- "\$@" "\${word/,trace:kvm_run_exit/}"
done
exec $qemu "\$@"
FAKE_KVM
chmod +x "$work/bin/qemu-system-x86_64"
export PATH=$work/bin:$PATH
export DIPTYCH_GUESTS=triple DIPTYCH_OPTIONS="--machines qemu:EPYC,kvm:host"
hosts=$source/tests/hosts
# The copy is of the same commit, so that nothing is made again.
GIT_DIR=$(git rev-parse --absolute-git-dir 2> /dev/null) && export GIT_DIR
export GIT_OPTIONAL_LOCKS=0

# job HOST NAME SCRIPT: on a runner of that sort; the status is kept.
job() {
	(cd "$work/tree" && DIPTYCH_HOST=$hosts/$1 NAME=$2 bash "$work/$3.sh") \
		> "$work/out" 2>&1
	status=$?
}
ended() { [ "$status" = "$1" ]; }
says() { grep -qF -e "$1" "$work/out"; }
gone() { ! says "$1"; }

job amd-nested-on amd github-compare
check "the AMD runner makes its report" ended 0
check "it ran under KVM" says "kvm host (cycles)"
job cloud-vm intel github-compare
check "a runner without KVM makes its report" ended 0
check "it says what KVM lacks" says "this host is itself a guest of KVM (Amazon EC2 m5.large)"
check "it ran on emulators alone" gone "kvm host"

# merge REQUIRED: the last job, as its artifacts come to it.
merge() {
	rm -rf "$work/tree/reports" "$work/tree/public"
	mkdir "$work/tree/reports"
	cp "$work"/tree/report-*.json "$work/tree/reports/"
	DIPTYCH_REQUIRE=$1 job cloud-vm - github-merge
}
merge ""
check "the last job passes when all agree" ended 0
check "it names the hardware there was" says "on AMD hardware: svm-npt, svm-shadow ("
check "it names the vendor that was missing" says "no Intel hardware among the reports"
check "the page is there" test -s "$work/tree/public/index.html"
merge svm-npt,vmx-ug
check "a vendor that is required and missing fails it" ended 1
check "and is named" says "required on hardware, and missing: vmx-ug"

# change SCRIPT: Intel's report, made from AMD's; a run is r.
change() {
	python3 - "$work/tree" "$1" <<'PYTHON'
import json, sys
tree, script = sys.argv[1:]
report = json.load(open(tree + "/report-amd.json"))
for r in report["runs"]:
	exec(script)
json.dump(report, open(tree + "/report-intel.json", "w"))
PYTHON
}
cp "$work/tree/report-intel.json" "$work/emulated.json"
change '
r["rung"] = r["rung"].replace("svm-npt", "vmx-ug").replace("svm-shadow", "vmx-shadow")
for cpu in r["cpu"], r["fingerprint"]:
	if "vendor" in cpu: cpu["vendor"] = "GenuineIntel"'
merge svm-npt,vmx-ug
check "with both vendors it passes" ended 0
check "and names both" says "on Intel hardware: vmx-ug, vmx-shadow ("
change '
if r["rung"] == "svm-npt": r["outcome"], r["reason"] = "differs", "line 1: \"a\", not \"b\""'
merge ""
check "a run that differs fails it" ended 1
check "and is named" says "line 1:"
change '
if r["rung"] == "svm-npt": r["outcome"], r["reason"] = "error", "it broke"'
merge ""
check "so does one that broke" ended 6
rm "$work/tree/report-intel.json"
merge ""
check "a runner that left no report fails it" ended 1
check "and is named, the others' runs still merged" says "no report of runner intel"
check "into a page" test -s "$work/tree/public/index.html"

rm -f "$work"/tree/report-*.json
job amd-nested-on - gitlab-amd
check "GitLab: the AMD runner makes its report" ended 0
cp "$work/emulated.json" "$work/tree/report-intel.json"
job cloud-vm - gitlab-merge
check "GitLab: the last job passes" ended 0
check "GitLab: it names the vendor that was missing" says "no Intel hardware"
change 'r["outcome"], r["reason"] = "fail", "ended by reset, not exit"'
job cloud-vm - gitlab-merge
check "GitLab: a run that fails fails it" ended 1
exit $failed
