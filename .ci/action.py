"""Runs the steps of action.yml as a GitHub runner does, on repositories that are hostile to it.

    action.py ACTION_PATH SCRATCH EXAMPLES

ACTION_PATH is a copy of this repository, SCRATCH a directory to work in, EXAMPLES is examples/acme.
CARGO_TARGET_DIR is where the dependencies are compiled already.

What stands in for GitHub: a directory of bare repositories, reached by file: URLs, that gives any commit by its SHA as GitHub
does; payloads of events with the fields that are read; a `curl` that has the released files; a `git` that tells what it was called
with. What is not tried here: HTTPS, tokens that are really looked at, and the limits of the runner.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import yaml

ACTION, SCRATCH, EXAMPLES = (Path(argument).absolute() for argument in sys.argv[1:])
# Two blanks: a path that was split and joined again is another one.
WORKSPACE = SCRATCH / "work space" / "linted  repository"
RUNNER_TEMP = SCRATCH / "runner temp"
SERVER = SCRATCH / "github"
TOOLS = SCRATCH / "tools"
CALLS = SCRATCH / "calls"
TOKEN, POLICY_TOKEN = "ghs_tokenOfTheJob", "ghp_tokenOfThePolicy"

METADATA = yaml.safe_load((ACTION / "action.yml").read_text())
STEPS = METADATA["runs"]["steps"]
for each in STEPS:
    assert each["shell"] == "bash" and "uses" not in each, each
    assert "${{" not in each["run"], "an expression inside of a script is an injection"


class Job:
    """What one run of the action has around it."""

    def __init__(self, event_name, event):
        self.event_name, self.event, self.steps, self.inputs = event_name, event, {}, {}

    def value(self, text):
        """A string with expressions, filled in as GitHub does."""
        match = re.fullmatch(r"\$\{\{ (.+) \}\}", text)
        if not match:
            return text
        for part in match[1].split(" || "):
            value = self.lookup(part.split("."))
            if value:
                return value
        return ""

    def lookup(self, names):
        match names:
            case ["inputs", name]:
                return self.inputs[name]
            case ["steps", step, "outputs", name]:
                return self.steps.get(step, {}).get(name, "")
            case ["github", "token"]:
                return TOKEN
            case ["github", "event", *path]:
                value = self.event
                for name in path:
                    value = (value or {}).get(name)
                return value
        raise AssertionError(names)


def run(wanted, event_name="push", event=None, env=None, **inputs):
    """Runs the action in the workspace; its outputs, the standard output of all steps, and the job's summary."""
    job = Job(event_name, event or {})
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    assert set(given) <= set(METADATA["inputs"]), given
    job.inputs = {name: given.get(name, job.value(about["default"])) for name, about in METADATA["inputs"].items()}
    summary, payload = SCRATCH / "summary.md", SCRATCH / "event.json"
    summary.write_text("")
    payload.write_text(json.dumps(job.event))
    printed, code = "", 0
    for step in STEPS:
        script, output = SCRATCH / "step.sh", SCRATCH / "output"
        script.write_text(step["run"])
        output.write_text("")
        environment = {name: value for name, value in os.environ.items() if name not in ("CARGO_TARGET_DIR", "CI")}
        environment |= {
            "PATH": f"{TOOLS}:{os.environ['PATH']}",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ACTION),
            "GITHUB_EVENT_NAME": event_name,
            "GITHUB_EVENT_PATH": str(payload),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_REPOSITORY": "acme/certificates",
            "GITHUB_SERVER_URL": f"file://{SERVER}",
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_WORKSPACE": str(WORKSPACE),
            "RUNNER_ARCH": "X64",
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(RUNNER_TEMP),
            # What a job may have set for the repository's own build.
            "RUSTC": "/bin/false",
            "RUSTC_WRAPPER": "/bin/false",
            "RUSTFLAGS": "--no-such-flag",
            "RUSTUP_TOOLCHAIN": "no-such-toolchain",
            "CARGO_BUILD_TARGET": "no-such-target",
            "CARGO_TARGET_DIR": "/dev/null/no-such-directory",
            # What might lead a download elsewhere.
            "CURL_HOME": str(WORKSPACE),
        }
        environment |= env or {}
        environment |= {name: job.value(text) for name, text in step["env"].items()}
        shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
        done = subprocess.run(
            shell, cwd=WORKSPACE, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        printed += done.stdout
        lines = output.read_text().splitlines()
        job.steps[step["id"]] = dict(line.split("=", 1) for line in lines)
        assert len(job.steps[step["id"]]) == len(lines), lines
        code = done.returncode
        if code != 0:
            break
    print(printed, flush=True)
    outputs = {name: job.value(about["value"]) for name, about in METADATA["outputs"].items()}
    print(outputs, flush=True)
    assert code == wanted, f"exit code {code} instead of {wanted}"
    assert outputs["exit-code"] == str(wanted), outputs
    assert not list(SCRATCH.rglob("pwned*")), "something of the linted repository was executed"
    return outputs, printed, summary.read_text()


def results(outputs):
    """The results of the SARIF report."""
    path = Path(outputs["sarif-file"])
    assert path.is_absolute() and path.is_file(), path
    sarif = json.loads(path.read_text())
    assert sarif["version"] == "2.1.0"
    return [result for result in sarif["runs"][0]["results"] if not result.get("suppressions")]


def files(outputs):
    """The files with findings; that a change is about the policy is told at the policy, and is another thing."""
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results(outputs)}
    return uris - {"csrlint.yaml"}


def git(directory, *arguments):
    return subprocess.run(["git", *arguments], cwd=directory, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def program(name, text):
    TOOLS.mkdir(exist_ok=True)
    path = TOOLS / name
    path.write_text(text)
    path.chmod(0o755)


def make_repository():
    (WORKSPACE / "csr files").mkdir(parents=True)
    shutil.copy(EXAMPLES / "services/web/web.csr", WORKSPACE / "csr files" / "good one.csr")
    shutil.copy(EXAMPLES / "services/web/web.csr", WORKSPACE / "--version")
    shutil.copy(EXAMPLES / "services/checkout/checkout.csr", WORKSPACE / "csr files" / "weak one.csr")
    (WORKSPACE / "broken policy.yaml").write_text("version: 1\nrulez: {}\n")
    (WORKSPACE / "strict policy.yaml").write_text("version: 1\nrules: { key/not-allowed: { with: { ec: { curves: [P-256] }, other: deny } } }\n")
    git(WORKSPACE, "init", "--quiet")
    git(WORKSPACE, "add", "--all")
    # Everything by which a repository can take over a build that is started in it.
    wrapper = WORKSPACE / "wrapper"
    wrapper.write_text(f'#!/bin/sh\ntouch "{WORKSPACE}/pwned-by-wrapper"\nexec "$@"\n')
    wrapper.chmod(0o755)
    (WORKSPACE / ".cargo").mkdir()
    (WORKSPACE / ".cargo/config.toml").write_text(
        f'[build]\nrustc = "/bin/false"\nrustc-wrapper = "{wrapper}"\ntarget-dir = "pwned-target"\n'
        '[source.crates-io]\nreplace-with = "hostile"\n[source.hostile]\ndirectory = "/nowhere"\n'
    )
    (WORKSPACE / "Cargo.toml").write_text("this is no manifest\n")
    build = ["cargo", "build", "--release", "--locked", "--manifest-path", str(ACTION / "Cargo.toml")]
    control = subprocess.run(build, cwd=WORKSPACE, capture_output=True, text=True)
    assert control.returncode != 0, "the hostile configuration is not hostile"
    (WORKSPACE / "pwned-by-wrapper").unlink(missing_ok=True)
    shutil.rmtree(WORKSPACE / "pwned-target", ignore_errors=True)
    (WORKSPACE / "rust-toolchain.toml").write_text('[toolchain]\nchannel = "no-such-toolchain"\n')
    (WORKSPACE / ".curlrc").write_text('output = "pwned-by-curlrc"\n')


def pushes():
    """Inputs, outputs and hostile values, on a push."""
    outputs, printed, summary = run(1)
    found = results(outputs)
    rules = {result["ruleId"] for result in found}
    assert "key/rsa-too-small" in rules and "attribute/challenge-password" in rules, rules
    assert int(outputs["findings"]) == len(found) > 1, outputs
    assert int(outputs["errors"]) == sum(result["level"] == "error" for result in found) > 1, outputs
    assert files(outputs) == {"csr%20files/weak%20one.csr"}, files(outputs)
    assert "\n::error " in printed and "csr files/weak one.csr" in printed
    assert Path(outputs["sarif-file"]).is_relative_to(RUNNER_TEMP), outputs
    assert outputs["policy"] == "checkout", outputs
    assert "key/rsa-too-small" in summary and "Policy: `checkout`" in summary, summary

    outputs, printed, summary = run(1, summary="false", annotations="false")
    assert summary == "" and "\n::error " not in printed and "error[key/rsa-too-small]" in printed, printed

    outputs, _, _ = run(0, paths="csr files/good one.csr\n")
    assert results(outputs) == [] and outputs["findings"] == outputs["errors"] == "0", outputs

    outputs, _, _ = run(1, paths="csr files/good one.csr\r\n\n./csr files/weak one.csr\n--version\n")
    assert len(results(outputs)) == int(outputs["findings"]) == len(found), outputs

    # A link in place of the report is replaced, not followed.
    victim = SCRATCH / "victim"
    victim.write_text("untouched")
    (WORKSPACE / "code scanning.sarif").symlink_to(victim)
    outputs, _, _ = run(0, fail_on="never", args="--select\nkey/rsa-too-small\n", sarif_file="code scanning.sarif")
    assert outputs["sarif-file"] == str(WORKSPACE / "code scanning.sarif"), outputs
    assert len(results(outputs)) == 1 and outputs["findings"] == "1", outputs
    assert victim.read_text() == "untouched"
    (WORKSPACE / "code scanning.sarif").unlink()

    outputs, _, _ = run(1, paths="csr files/good one.csr", config="strict policy.yaml", profile="pedantic")
    assert "key/not-allowed" in {result["ruleId"] for result in results(outputs)}

    outputs, _, summary = run(2, config="broken policy.yaml")
    assert outputs["sarif-file"] == outputs["findings"] == summary == "", outputs

    for inputs in [
        {"paths": "$(touch pwned-a) `touch pwned-b`; touch pwned-c & \"'"},
        {"args": "$(touch pwned-d)\n; touch pwned-e"},
        {"config": '"; touch pwned-f; "'},
        {"profile": "$(touch pwned-g)"},
        {"fail_on": "never; touch pwned-h"},
        {"sarif_file": "a\nexit-code=0"},
        {"baseline": "$(touch pwned-i)"},
        {"annotations": "$(touch pwned-j)"},
        {"summary": "yes"},
        {"scope": "$(touch pwned-k)"},
        {"policy_rev": "--upload-pack=touch pwned-l"},
        {"policy_rev": "$(touch pwned-m)\nbase=x"},
        {"policy_rev": "no-such-branch"},
        {"policy_repository": "../pwned"},
        {"policy_repository": "-c/x"},
        {"policy_repository": "acme/no-such-repository"},
    ]:
        outputs, _, _ = run(2, **inputs)
        assert outputs["sarif-file"] == "", outputs
    for version in ["0.0.9", "latest", "$(touch pwned-n)", "../../0.1.0"]:
        run(3, version=version)


def clone(checkout, origin, depth=1):
    """What actions/checkout leaves: one commit, detached, of a repository of the server."""
    shutil.rmtree(WORKSPACE)
    WORKSPACE.mkdir()
    git(WORKSPACE, "init", "--quiet")
    git(WORKSPACE, "remote", "add", "origin", f"file://{SERVER}/{origin}")
    git(WORKSPACE, "fetch", "--quiet", "--no-tags", *([f"--depth={depth}"] if depth else []), "origin", checkout)
    git(WORKSPACE, "checkout", "--quiet", "--detach", "FETCH_HEAD")


def make_server():
    """acme/certificates with main, and a pull request of a fork that weakens the policy; acme/policy, the organisation's."""
    seed = SCRATCH / "seed"
    (seed / "services").mkdir(parents=True)
    git(seed, "init", "--quiet", "--initial-branch=main")
    weak, good = EXAMPLES / "services/checkout/checkout.csr", EXAMPLES / "services/web/web.csr"
    shutil.copy(weak, seed / "services/old.csr")
    shutil.copy(good, seed / "services/web.csr")
    (seed / "csrlint.yaml").write_text("version: 1\nprofiles: [recommended]\n")
    git(seed, "add", "--all")
    git(seed, "commit", "--quiet", "--message", "before")
    git(seed, "commit", "--quiet", "--message", "base", "--allow-empty")
    base = git(seed, "rev-parse", "HEAD")
    git(seed, "checkout", "--quiet", "-b", "change")
    (seed / "csrlint.yaml").write_text('version: 1\nprofiles: [recommended]\nexclude: ["**"]\n')
    (seed / "services/new.csr").write_bytes(weak.read_bytes())
    git(seed, "add", "--all")
    git(seed, "commit", "--quiet", "--message", "weaken everything")
    head = git(seed, "rev-parse", "HEAD")
    git(seed, "checkout", "--quiet", "main")
    git(seed, "merge", "--quiet", "--no-ff", "--message", "merge", "change")
    merge = git(seed, "rev-parse", "HEAD")
    git(seed, "reset", "--quiet", "--hard", base)

    organisation = SCRATCH / "organisation"
    (organisation / "rules").mkdir(parents=True)
    git(organisation, "init", "--quiet", "--initial-branch=main")
    rule = "rules: { key/not-allowed: { with: { ed25519: {}, other: deny } } }\n"
    (organisation / "csrlint.yaml").write_text(f"version: 1\nprofiles: [recommended]\n{rule}")
    git(organisation, "add", "--all")
    git(organisation, "commit", "--quiet", "--message", "strict")
    git(organisation, "tag", "v1")
    pinned = git(organisation, "rev-parse", "HEAD")
    (organisation / "csrlint.yaml").write_text("version: 1\nprofiles: [recommended]\n")
    git(organisation, "commit", "--quiet", "--all", "--message", "lax")
    tip = git(organisation, "rev-parse", "HEAD")

    for source, name in [(seed, "acme/certificates"), (seed, "stranger/certificates"), (organisation, "acme/policy")]:
        path = SERVER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        git(SCRATCH, "clone", "--quiet", "--bare", str(source), str(path))
        git(path, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(SERVER / "acme/certificates", "branch", "--quiet", "--force", "main", base)
    git(SERVER / "acme/certificates", "update-ref", "-d", "refs/heads/change")
    git(SERVER / "acme/certificates", "fetch", "--quiet", str(seed), f"{merge}:refs/pull/1/merge", f"{head}:refs/pull/1/head")
    # The fork has not got the base: whoever asks `origin` for it after a checkout of the fork is told that there is none.
    git(SERVER / "stranger/certificates", "config", "uploadpack.allowAnySHA1InWant", "false")
    return {"base": base, "head": head, "merge": merge, "pinned": pinned, "tip": tip}


def pull_request(base, head):
    return {
        "action": "synchronize",
        "number": 1,
        "pull_request": {
            "base": {"ref": "main", "sha": base, "repo": {"full_name": "acme/certificates", "fork": False}},
            "head": {"ref": "change", "sha": head, "repo": {"full_name": "stranger/certificates", "fork": True}},
        },
    }


def pull_requests(commits):
    """A change cannot weaken what judges it, whichever event brings it and whatever is checked out."""
    base, head, merge = commits["base"], commits["head"], commits["merge"]
    event = pull_request(base, head)
    queue = {"action": "checks_requested", "merge_group": {"base_sha": base, "head_sha": merge, "base_ref": "refs/heads/main"}}
    both = {"services/new.csr", "services/old.csr"}
    for name, payload, checkout, origin, depth in [
        ("pull_request", event, "refs/pull/1/merge", "acme/certificates", 1),
        ("pull_request", event, "refs/pull/1/head", "acme/certificates", 1),
        ("pull_request", event, "refs/pull/1/merge", "acme/certificates", None),
        # The head is checked out from the fork: origin is the stranger's.
        ("pull_request_target", event, "refs/heads/change", "stranger/certificates", 1),
        ("pull_request_review", event, "refs/pull/1/merge", "acme/certificates", 1),
        ("merge_group", queue, "refs/pull/1/merge", "acme/certificates", 1),
    ]:
        clone(checkout, origin, depth)
        CALLS.write_text("")
        outputs, printed, summary = run(1, name, payload)
        assert files(outputs) == both, (name, files(outputs))
        assert outputs["policy"] == base, outputs
        assert "::warning title=csrlint" not in printed, printed
        assert f"Policy: `{base}`" in summary, summary
        # What the change does to the requests stands before what is found.
        assert "new.csr" in summary, summary
        # A checkout with all of its history keeps it.
        assert git(WORKSPACE, "rev-parse", "--is-shallow-repository") == ("true" if depth else "false")
        fetched = [line for line in CALLS.read_text().splitlines() if " fetch " in f" {line} "]
        assert bool(fetched) == bool(depth), fetched
        assert not git(WORKSPACE, "config", "--get-regexp", "origin|remote").count(TOKEN)
        for place in [WORKSPACE / ".git", RUNNER_TEMP / "csrlint-action"]:
            for path in place.rglob("*config*"):
                assert not path.is_file() or TOKEN not in path.read_text(errors="replace"), path

    clone("refs/pull/1/merge", "acme/certificates")
    outputs, printed, _ = run(0, "pull_request", event, policy_rev="none")
    assert "::warning title=csrlint::policy-rev is none" in printed and outputs["policy"] == "checkout", printed

    # On a push to main the checkout judges itself, and a revision that was named is taken everywhere.
    outputs, _, _ = run(0, "push", {"before": base, "after": merge})
    assert outputs["policy"] == "checkout", outputs
    outputs, _, _ = run(1, "push", {}, policy_rev=base)
    assert files(outputs) == both and outputs["policy"] == base, outputs

    # No base, no judgement: never by the head's policy instead.
    for sha in ["1" * 40, "2" * 64, "main", "--upload-pack=touch pwned-o", "", None, base[:12], f"{base}\nrev=", base.upper()]:
        clone("refs/pull/1/merge", "acme/certificates")
        outputs, printed, _ = run(2, "pull_request", pull_request(sha, head))
        assert outputs["sarif-file"] == "" and "::error title=csrlint::" in printed, printed
    for name in ["pull_request", "pull_request_target", "merge_group"]:
        run(2, name, {})
    clone("refs/pull/1/merge", "acme/certificates")
    run(2, "pull_request", event, env={"GITHUB_REPOSITORY": "acme/gone"})

    # Only what the change touches.
    for depth in [1, None]:
        clone("refs/pull/1/merge", "acme/certificates", depth)
        outputs, _, _ = run(1, "pull_request", event, scope="changed")
        assert files(outputs) == {"services/new.csr"}, files(outputs)
    _, printed, _ = run(0, "push", {}, scope="changed")
    assert "so all findings are shown" in printed, printed


def organisations(commits):
    """The policy of the organisation: by tag, by commit, at the tip with a notice, and never by branch."""
    base, head, pinned, tip = commits["base"], commits["head"], commits["pinned"], commits["tip"]
    event = pull_request(base, head)
    clone("refs/pull/1/merge", "acme/certificates")
    ours = {"policy_repository": "acme/policy", "policy_token": POLICY_TOKEN}

    def rules(outputs):
        return {result["ruleId"] for result in results(outputs)}

    for ref in ["v1", "refs/tags/v1", pinned]:
        CALLS.write_text("")
        outputs, printed, _ = run(1, "pull_request", event, policy_ref=ref, **ours)
        assert outputs["policy"] == f"{base} acme/policy@{pinned}:csrlint.yaml", outputs
        assert "key/not-allowed" in rules(outputs), rules(outputs)
        assert "policy-ref is not set" not in printed, printed
        calls = CALLS.read_text()
        assert "acme/policy" in calls and POLICY_TOKEN not in calls and TOKEN not in calls, calls
        assert "::add-mask::" in printed and POLICY_TOKEN not in printed, printed
        assert POLICY_TOKEN not in (RUNNER_TEMP / "csrlint-action/policy/.git/config").read_text()
    outputs, printed, _ = run(1, "pull_request", event, **ours)
    assert outputs["policy"].endswith(f" acme/policy@{tip}:csrlint.yaml") and "policy-ref is not set" in printed, outputs
    assert "key/not-allowed" not in rules(outputs), rules(outputs)
    for inputs in [
        {"policy_ref": "main"},
        {"policy_ref": "v2"},
        {"policy_ref": "-v1"},
        {"policy_ref": "v1:refs/heads/x"},
        {"policy_ref": "1" * 40},
        {"policy_ref": "v1", "policy_file": "../csrlint.yaml"},
        {"policy_ref": "v1", "policy_file": ".git/config"},
        {"policy_ref": "v1", "policy_file": "gone.yaml"},
        {"policy_ref": "v1", "policy_file": "csrlint.yaml\nrev="},
    ]:
        outputs, _, _ = run(2, "pull_request", event, **ours, **inputs)
        assert outputs["sarif-file"] == "", (inputs, outputs)


def releases():
    """Released binaries: by exact version and checksum, or nothing of them is executed."""
    clone("refs/heads/main", "acme/certificates")
    table, asset = ACTION / "packaging/checksums.txt", "csrlint-x86_64-unknown-linux-musl.tar.gz"
    kept, folder = table.read_text(), SCRATCH / "released"
    version = re.search(r'^version = "(.+)"', (ACTION / "Cargo.toml").read_text(), re.MULTILINE)[1]
    folder.mkdir()

    def release(binary):
        with tarfile.open(folder / asset, "w:gz") as archive:
            archive.add(binary, "csrlint")
        return hashlib.sha256((folder / asset).read_bytes()).hexdigest()

    address = f"https://github.com/csrlint/csrlint/releases/download/v{version}/{asset}"
    program("curl", f"""#!/bin/sh
[ "$1" = -q ] || {{ echo "the job's configuration would be read" >&2; exit 9; }}
while [ $# -gt 1 ]; do case $1 in --output) out=$2; shift ;; esac; shift; done
[ "$1" = '{address}' ] && exec cp '{folder / asset}' "$out"
exit 22
""")
    program("cargo", "#!/bin/sh\necho 'cargo was called' >&2\nexit 1\n")
    evil = SCRATCH / "evil"
    evil.write_text(f'#!/bin/sh\ntouch "{SCRATCH}/pwned-by-release"\n')
    evil.chmod(0o755)
    try:
        right = release(RUNNER_TEMP / "csrlint-action/target/release/csrlint")
        row = f"{right}  {version}  x86_64-unknown-linux-musl  {asset}\n"
        table.write_text(kept + row)
        for asked in ["", version]:
            for env in [{}, {"GITHUB_SERVER_URL": "https://evil.example", "GITHUB_ACTION_REPOSITORY": "evil/evil"}]:
                outputs, printed, _ = run(1, version=asked, env=env)
                assert "cargo was called" not in printed and int(outputs["findings"]) > 0, printed
        _, printed, _ = run(3, version="source")
        assert "cargo was called" in printed, printed
        # What was built elsewhere is not for this machine: it is built.
        _, printed, _ = run(3, env={"RUNNER_ARCH": "ARM64"})
        assert "cargo was called" in printed, printed
        run(3, version="0.0.9")

        release(evil)
        _, printed, _ = run(3)
        assert "is not what was released" in printed and "cargo was called" not in printed, printed
        for damaged in [row.replace(right, right[:-1]), row.replace(right, "0" * 64), row.replace(asset, "../../x.tar.gz"), row.replace(asset, "gone.tar.gz")]:
            table.write_text(kept + damaged)
            _, printed, _ = run(3)
            assert "cargo was called" not in printed, printed
    finally:
        table.write_text(kept)
        for name in ["curl", "cargo"]:
            (TOOLS / name).unlink()


def long_summaries():
    """A summary that GitHub would not take is cut; one that is not UTF-8 at the cut is not a thing, since it ends with a line."""
    stub = SCRATCH / "stub"
    stub.write_text(f"""#!{sys.executable}
import sys
for argument in sys.argv:
    if argument.startswith("--output=markdown="):
        open(argument.split("=", 2)[2], "w").write("- ä finding\\n" * 200000)
""")
    stub.chmod(0o755)
    job = Job("push", {})
    job.inputs = {name: job.value(about["default"]) for name, about in METADATA["inputs"].items()}
    job.steps = {"binary": {"binary": str(stub)}, "policy": {"policy": "checkout"}}
    step, output, summary = STEPS[-1], SCRATCH / "output", SCRATCH / "summary.md"
    output.write_text("")
    summary.write_text("")
    (SCRATCH / "step.sh").write_text(step["run"])
    env = os.environ | {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), "RUNNER_TEMP": str(RUNNER_TEMP)}
    env |= {name: job.value(text) for name, text in step["env"].items()}
    subprocess.run(["bash", "-e", "-o", "pipefail", str(SCRATCH / "step.sh")], cwd=WORKSPACE, env=env, check=True)
    text = summary.read_text()
    assert 900_000 < len(text.encode()) < 1024 * 1024 and "has everything." in text[-200:], text[-200:]


def main():
    (RUNNER_TEMP / "csrlint-action").mkdir(parents=True)
    # The dependencies are compiled already; what is compiled here is csrlint itself.
    (RUNNER_TEMP / "csrlint-action" / "target").symlink_to(os.environ["CARGO_TARGET_DIR"])
    program("git", f'#!/bin/sh\nprintf "%s " "$@" >>"{CALLS}"\necho >>"{CALLS}"\nexec {shutil.which("git")} "$@"\n')
    make_repository()
    pushes()
    commits = make_server()
    pull_requests(commits)
    organisations(commits)
    releases()
    long_summaries()
    print("ok")


if __name__ == "__main__":
    main()
