# Prints the shell steps of one job of a CI template as one script, just as they stand: each
# GitHub step is a shell of its own, a GitLab job is one. Must not run anything.
#
# usage: ci_steps.py github|gitlab FILE JOB
import shlex
import sys

import yaml


def github(template, job):
	"""Steps with `run`; an expression in one would not be what the runner runs."""
	for step in template["jobs"][job]["steps"]:
		text = step.get("run")
		if text is None:
			continue
		if "${{" in text:
			sys.exit("an expression in the step %r" % text)
		print("bash -e -c %s || exit" % shlex.quote(text))


def lines_of(script):
	for line in script:
		if isinstance(line, list):
			yield from lines_of(line)
		else:
			yield line


def gitlab(template, job):
	"""What `extends` names, under what the job has itself."""
	found = dict(template[job])
	while "extends" in found:
		below = template[found.pop("extends")]
		found = {**below, **found}
	print("set -e")
	for name, value in found.get("variables", {}).items():
		print("export %s=%s" % (name, shlex.quote(str(value))))
	for line in lines_of(found["script"]):
		print(line)


kind, path, job_name = sys.argv[1:]
with open(path, encoding="utf-8") as file:
	{"github": github, "gitlab": gitlab}[kind](yaml.safe_load(file), job_name)
