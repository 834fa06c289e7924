#!/bin/sh
# Holds docs/spec-index.md to the code: the tables in it list exactly the clauses
# that the hypervisor cites and where. Does not know what a clause says.
#
# usage: check-spec.sh [--write]    --write makes the tables anew
# shellcheck disable=SC2016 # the program in quotes is not the shell's
set -eu

cd "$(dirname "$0")/.."
git ls-files -co --exclude-standard -- mmu core svm vmx boot |
	grep -E '\.(c|h|asm|inc)$' | sort | python3 -c '
import re, sys

INDEX = "docs/spec-index.md"
BEGIN, END = "<!-- clauses: made by scripts/check-spec.sh --write -->", "<!-- end -->"
QUOTE = "\x01"		# a quotation mark inside a string
TITLE = re.compile(r"\"([^\"\s;][^\"]{1,90})\"|\x01([^\x01]+)\x01")
MORE = r"(?:(?:,| to| and) %s)*"
TABLE, SECTION = r"[A-Z0-9]+-\d+", r"(?:[A-Z]|\d+)\.\d+(?:\.\d+)*"
NUMBER = re.compile(r"((?:table|figure)s? " + TABLE + MORE % TABLE + "|appendix [A-Z]|" +
		    SECTION + MORE % SECTION + r"|\d+(?=[ .,]|$))")
SECTION_AND_TABLE = re.compile(SECTION + r",? table " + TABLE)
VOLUME = re.compile(r"(?:vol\. )?([1-5][A-D]?)(?=[ ,;])")
BETWEEN = re.compile(r"[ ,;:]*(?:(?:and|or|to) )?")

def read(path):
	text = open(path, encoding="utf-8").read().replace("\\\"", QUOTE)
	return re.sub(r"\n[ \t]*(?:\*(?!/)|;|/\*)?[ \t]*", " ", text)

def citations(text):
	"""Yields (manual, title, number) for each clause named."""
	for start in re.finditer(r"\b(SDM|APM)\b (?=(?:vol\. )?[1-5])", text):
		manual, at, title, named = start[1], start.end(), None, False
		volume = VOLUME.match(text, at)
		if not volume:
			continue
		at = volume.end()
		name = manual + " " + volume[1]
		while True:
			gap = BETWEEN.match(text, at).end()
			again = VOLUME.match(text, gap)
			if again and re.match(r" [\"\x01]", text[again.end():]):
				name, at = manual + " " + again[1], again.end()
				continue
			found = TITLE.match(text, gap)
			if found:
				if title:
					yield name, title, ""
				title, named, at = found[1] or found[2], True, found.end()
				continue
			found = SECTION_AND_TABLE.match(text, gap) or NUMBER.match(text, gap)
			if not found:
				break
			number, named, at = found[0], True, found.end()
			# An appendix or a table may stand before its title.
			after = None if title else TITLE.match(text, at + 1)
			if after and text[at] == " ":
				title, at = after[1] or after[2], after.end()
			yield name, title or "", number
			title = None
		if title:
			yield name, title, ""
		if not named:
			yield name, "", ""

clauses, broken = {}, False
for path in sys.stdin.read().split():
	for manual, title, number in citations(read(path)):
		if not title and not number:
			print(path + ": cites " + manual + " and no clause")
			broken = True
		clauses.setdefault(manual, {}).setdefault((title, number), set()).add(path)

lines = []
for manual in sorted(clauses):
	lines += ["", "### " + manual.replace("APM ", "APM vol. "), "",
		  "| clause | number | where |", "|---|---|---|"]
	for (title, number), paths in sorted(clauses[manual].items()):
		where = ", ".join("`%s`" % path for path in sorted(paths))
		lines.append("| %s | %s | %s |" % (title, number, where))
table = "\n".join(lines).strip() + "\n"

text = open(INDEX, encoding="utf-8").read()
head, rest = text.split(BEGIN)
old, tail = rest.split(END)
if sys.argv[1:] == ["--write"]:
	open(INDEX, "w", encoding="utf-8").write(head + BEGIN + "\n\n" + table + "\n" + END + tail)
elif old.strip() != table.strip():
	have, want = set(old.strip().split("\n")), set(table.strip().split("\n"))
	for line in sorted(want - have):
		print(INDEX + " lacks: " + line)
	for line in sorted(have - want):
		print(INDEX + " has, and the code has not: " + line)
	print("scripts/check-spec.sh --write makes the tables anew")
	broken = True
sys.exit(broken)
' "$@"
