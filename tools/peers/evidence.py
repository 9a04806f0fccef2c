#!/usr/bin/env python3
"""Makes packages of a case and checks them as a stranger would, with other people's tools.

    evidence.py --binary PATH CASE [CASE ...] [--matrix COUNT | --matrix all]

Reviews every finding, exports with a throw-away key, has the package stamped by a throw-away
authority (by file, and over a loopback address), and then runs what VERIFY.txt says: sha256sum, a
count of files, bagit.py, ssh-keygen, minisign, openssl, the custody script; GDAL's validate_gpkg.py and
ogrinfo on every vector file; qpdf and the PDF/A marks of the report. --matrix
changes, removes, renames, swaps and adds to files of a package and tells which stock command sees
it: COUNT files for each kind of change, drawn by a fixed seed from a draft without originals, or
every file of the whole package. Exit code 0 when all agree.
"""

import argparse
import http.server
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(HERE, "..", "..", "target", "peers", "bin", "python")
NAMESPACE = "evidence-package@torenvalk"
TAG = "tagmanifest-sha256.txt"
IDENTITY = "inspector@example"
SETTINGS = """format_version = 1
case_number = "%s"
organization = "Omgevingsdienst Voorbeeld"
purpose = "Warmteverlies en lekkages vaststellen"
legal_basis = "Awb 5:18"
mandate = "Mandaat 12 van 2026"
clock_source = "GNSS time of the vehicle"
dpia = "DPIA-2026-07"
[report]
report_date = "2026-01-20"
offender_name = "Voorbeeld BV"
violation = "warmteverlies"
violated_rule = "Bal 5.15"
place = "Voorbeeldweg 1"
established_at = "2026-01-17T11:14:15Z"
"""
TSA = """[t]
serial = ./serial
signer_cert = ./tsa.pem
signer_key = ./tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256,sha512
"""


class Checks:
    """Named checks, counted."""

    def __init__(self):
        self.failed = 0
        self.passed = 0

    def check(self, name, good, detail=""):
        shown = ": %s" % str(detail).strip()[:600] if detail and not good else ""
        print("%s %s%s" % ("ok  " if good else "FAIL", name, shown), flush=True)
        self.passed += bool(good)
        self.failed += not good


def run(command, cwd=None, stdin=None, env=None):
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, env=env)


def shell(command, cwd, **more):
    return run(["sh", "-c", command], cwd=cwd, **more)


class Authority:
    """A throw-away time stamping authority."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        with open(os.path.join(folder, "tsa.cnf"), "w") as handle:
            handle.write(TSA)
        with open(os.path.join(folder, "serial"), "w") as handle:
            handle.write("01\n")
        with open(os.path.join(folder, "ext.cnf"), "w") as handle:
            handle.write("extendedKeyUsage = critical,timeStamping\n")
        for command in (
            "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 "
            "-subj /CN=throw-away-CA",
            "openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=tsa",
            "openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem "
            "-days 2 -extfile ext.cnf",
        ):
            done = shell(command, folder)
            assert done.returncode == 0, done.stderr.decode()

    @property
    def certificate(self):
        return os.path.join(self.folder, "ca.pem")

    def reply(self, request):
        with open(os.path.join(self.folder, "q.tsq"), "wb") as handle:
            handle.write(request)
        done = shell("openssl ts -reply -config tsa.cnf -section t -queryfile q.tsq -out q.tsr",
                     self.folder)
        assert done.returncode == 0, done.stderr.decode()
        with open(os.path.join(self.folder, "q.tsr"), "rb") as handle:
            return handle.read()

    def serve(self):
        """A loopback server that answers as RFC 3161 section 3.4 says; gives it and its address."""
        authority = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                reply = authority.reply(body)
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server, "http://127.0.0.1:%d/" % server.server_port


def stock_commands(package, authority):
    """What VERIFY.txt says, each by a name; true where the command is content."""
    info = open(os.path.join(package, "bag-info.txt"), encoding="utf-8", errors="replace").read() \
        if os.path.exists(os.path.join(package, "bag-info.txt")) else ""
    head = re.search(r"Custody-Head: (\S+)", info)
    chain = shell("sh verify/check-custody.sh data/custody/custody.jsonl", package)
    same_head = bool(head) and head.group(1).encode() in chain.stdout
    return {
        "sha256sum tagmanifest": shell("sha256sum -c --quiet %s" % TAG, package).returncode == 0,
        "sha256sum manifest":
            shell("sha256sum -c --quiet manifest-sha256.txt", package).returncode == 0,
        "file count": shell(
            "test $(find data ! -type d | wc -l) -eq $(wc -l < manifest-sha256.txt)",
            package).returncode == 0,
        "ssh-keygen": shell(
            "ssh-keygen -Y verify -f verify/allowed_signers -I %s -n %s -s %s.sig < %s"
            % (IDENTITY, NAMESPACE, TAG, TAG), package).returncode == 0,
        "minisign": shell(
            "minisign -Vm %s -p verify/minisign.pub" % TAG, package).returncode == 0,
        "openssl": shell("openssl ts -verify -data %s -in %s.tsr -CAfile %s"
                         % (TAG, TAG, authority.certificate), package).returncode == 0,
        "custody script": chain.returncode == 0 and same_head,
    }


def bagit_agrees(package):
    return run([PEERS, "-m", "bagit", "--validate", package])


def formats(package, checks):
    findings = os.path.join(package, "data", "findings")
    gpkg = os.path.join(findings, "findings.gpkg")
    done = run(["/usr/bin/python3", "-m", "osgeo_utils.samples.validate_gpkg", gpkg])
    checks.check("GDAL's validate_gpkg.py", done.returncode == 0, done.stdout + done.stderr)
    for name in ("findings.gpkg", "findings.geojson", "findings.csv", "findings.kml"):
        done = run(["ogrinfo", "-ro", "-al", "-so", os.path.join(findings, name)])
        checks.check("ogrinfo %s" % name,
                     done.returncode == 0 and b"ERROR" not in done.stderr, done.stderr)
    report = os.path.join(package, "data", "report", "report.pdf")
    done = run(["qpdf", "--check", report])
    checks.check("qpdf --check report.pdf", done.returncode == 0, done.stderr)
    marks = open(report, "rb").read() if os.path.exists(report) else b""
    checks.check("PDF/A marks in report.pdf", b"pdfaid:part" in marks and b"OutputIntent" in marks)


def one_case(binary, case, scratch, authority, checks):
    """Exports and checks one case; gives the folders of the package and of a draft."""
    name = os.path.splitext(os.path.basename(case))[0]
    print("-- %s" % name)
    with open(os.path.join(case, "evidence.toml"), "w") as handle:
        handle.write(SETTINGS % name)
    with open(os.path.join(case, "findings.geojson"), encoding="utf-8") as handle:
        ids = [feature["id"] for feature in json.load(handle)["features"]]
    for number, finding in enumerate(ids):
        run([binary, "decide", case, finding, "--reject" if number % 4 == 3 else "--accept",
             "--reason", "bekeken", "--person", "I. de Vries"])
    key = os.path.join(scratch, "key")
    if not os.path.exists(key):
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", IDENTITY, "-f", key])
    done = run([binary, "export", case, "--out", os.path.join(scratch, "out"), "--profile", "full",
                "--key", key, "--minisign", "--person", "O. Bakker", "--zip", "--json"])
    told = json.loads(done.stdout or b"{}")
    checks.check("export", done.returncode == 7 and told.get("signed"), done.stderr + done.stdout)
    package = told["package"]
    server, address = authority.serve()
    done = run([binary, "stamp", package, "--tsa", address])
    server.shutdown()
    checks.check("stamp over a loopback address", done.returncode == 0, done.stderr)
    for command, good in stock_commands(package, authority).items():
        checks.check(command, good)
    done = bagit_agrees(package)
    checks.check("bagit.py --validate", done.returncode == 0, done.stderr)
    listed = shell("cut -d' ' -f3- verify/allowed_signers | ssh-keygen -lf -", package)
    checks.check("fingerprint by ssh-keygen", told["signer"].encode() in listed.stdout,
                 listed.stdout + listed.stderr)
    formats(package, checks)
    done = run([binary, "verify", package, "--fingerprint", told["signer"], "--tsa-ca",
                authority.certificate, "--json"])
    checks.check("torenvalk verify", done.returncode == 0, done.stdout + done.stderr)
    done = run([binary, "verify", package + ".zip", "--json"])
    checks.check("torenvalk verify of the zip", done.returncode == 7, done.stdout + done.stderr)
    signed_elsewhere(binary, package, key, scratch, checks)
    return package, by_agent(binary, case, key, scratch, checks)


def signed_elsewhere(binary, package, key, scratch, checks):
    """ssh-keygen's own signature on the same bytes is one that the program takes."""
    copy = os.path.join(scratch, "elsewhere")
    shutil.copytree(package, copy)
    os.remove(os.path.join(copy, TAG + ".sig"))
    run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", NAMESPACE, os.path.join(copy, TAG)])
    done = run([binary, "verify", copy, "--json"])
    checks.check("a signature made by ssh-keygen", json.loads(done.stdout)["valid"], done.stdout)
    shutil.rmtree(copy)


def by_agent(binary, case, key, scratch, checks):
    """OpenSSH's agent signs a draft; gives its folder."""
    socket = os.path.join(scratch, "agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        env = dict(os.environ, SSH_AUTH_SOCK=socket)
        for _ in range(100):
            if os.path.exists(socket):
                break
            threading.Event().wait(0.05)
        run(["ssh-add", "-q", key], env=env)
        done = run([binary, "export", case, "--out", os.path.join(scratch, "drafts"), "--agent",
                    "any", "--minisign", "--person", "O. Bakker", "--json"], env=env)
        package = json.loads(done.stdout)["package"]
        done = shell("ssh-keygen -Y verify -f verify/allowed_signers -I %s -n %s -s %s.sig < %s"
                     % (IDENTITY, NAMESPACE, TAG, TAG), package)
        checks.check("a signature by the agent, for ssh-keygen", done.returncode == 0, done.stderr)
        done = shell("minisign -Vm %s -p verify/minisign.pub" % TAG, package)
        checks.check("a signature by the agent, for minisign", done.returncode == 0, done.stderr)
        return package
    finally:
        agent.terminate()
        agent.wait()
        if os.path.exists(socket):
            os.remove(socket)


def all_files(package):
    for folder, _, names in os.walk(package):
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), package)


KINDS = ("byte changed", "removed", "renamed", "swapped with the next", "file added beside")


def drawn(files, count):
    """For each kind of change the files it is tried on."""
    draw = random.Random(6)
    return {kind: set(files if count is None else draw.sample(files, min(count, len(files))))
            for kind in KINDS}


def tampers(package, count):
    """Each way to change a package: a name, the file, how to do it, how to undo it."""
    files = sorted(all_files(package))
    chosen = drawn(files, count)

    def path(name):
        return os.path.join(package, name)

    def flip(name):
        content = bytearray(open(path(name), "rb").read())
        if content:
            content[len(content) // 2] ^= 1
        else:
            content = b"x"
        open(path(name), "wb").write(content)

    for at, name in enumerate(files):
        kinds = [kind for kind in KINDS if name in chosen[kind]]
        if not kinds:
            continue
        saved = open(path(name), "rb").read()
        other = files[(at + 1) % len(files)]
        saved_other = open(path(other), "rb").read()

        def restore(name=name, saved=saved, other=other, saved_other=saved_other):
            for left in (name + ".renamed", os.path.join(os.path.dirname(name), "added.txt")):
                if os.path.lexists(path(left)):
                    os.remove(path(left))
            open(path(name), "wb").write(saved)
            open(path(other), "wb").write(saved_other)

        def swap(name=name, saved=saved, other=other, saved_other=saved_other):
            open(path(name), "wb").write(saved_other)
            open(path(other), "wb").write(saved)

        ways = {
            "byte changed": lambda: flip(name),
            "removed": lambda: os.remove(path(name)),
            "renamed": lambda: os.rename(path(name), path(name + ".renamed")),
            "swapped with the next": swap,
            "file added beside": lambda: open(
                path(os.path.join(os.path.dirname(name), "added.txt")), "w").write("x"),
        }
        for kind in kinds:
            if kind != "swapped with the next" or saved != saved_other:
                yield kind, name, ways[kind], restore


def stamp_by_file(package, authority):
    """A signed package gets its time stamp."""
    with open(os.path.join(package, TAG + ".tsq"), "rb") as handle:
        request = handle.read()
    with open(os.path.join(package, TAG + ".tsr"), "wb") as handle:
        handle.write(authority.reply(request))


def matrix(binary, package, authority, checks, count):
    """Changes of files: who sees them."""
    seen_by, unseen, tried = {}, [], 0
    # A package with thousands of originals says no more than one with a few of them.
    originals = sorted(name for name in all_files(package) if "originals/" in name)
    for kind, name, do, undo in tampers(package, count):
        if name in originals[3:]:
            continue
        do()
        tried += 1
        done = run([binary, "verify", package, "--tsa-ca", authority.certificate, "--json"])
        ours = done.returncode != 0
        commands = [command for command, good in stock_commands(package, authority).items()
                    if not good]
        if bagit_agrees(package).returncode != 0:
            commands.append("bagit.py")
        undo()
        row = seen_by.setdefault(kind, {})
        for command in commands + (["torenvalk verify"] if ours else []):
            row[command] = row.get(command, 0) + 1
        row["all"] = row.get("all", 0) + 1
        if not commands:
            unseen.append("%s %s: no stock command" % (kind, name))
        checks.passed += ours
        if not ours:
            checks.failed += 1
            print("FAIL %s %s: torenvalk verify sees nothing" % (kind, name))
    for kind, row in seen_by.items():
        print("%s (%d): %s" % (kind, row.pop("all"), ", ".join(
            "%s %d" % one for one in sorted(row.items()))))
    for line in unseen:
        print("note %s" % line)
    print("%d changes tried" % tried)
    checks.check("changes were tried", tried > 0, "none")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--matrix", metavar="COUNT", help="files for each kind, or all")
    parser.add_argument("cases", nargs="+")
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    checks = Checks()
    with tempfile.TemporaryDirectory() as scratch:
        authority = Authority(os.path.join(scratch, "tsa"))
        for case in options.cases:
            package, draft = one_case(binary, os.path.abspath(case), scratch, authority, checks)
        if options.matrix == "all":
            matrix(binary, package, authority, checks, None)
        elif options.matrix:
            # Without originals, which are most of a package's bytes.
            stamp_by_file(draft, authority)
            matrix(binary, draft, authority, checks, int(options.matrix))
    print("%d passed, %d failed" % (checks.passed, checks.failed))
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
