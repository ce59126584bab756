import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { create } from "@bufbuild/protobuf";
import { ServerCredentials, status as Status } from "@grpc/grpc-js";
import { ChargeResponseSchema } from "@ovo-payments/contract/ovo/payments/v1/ovo_payments_pb.js";

import { connect } from "../src/index.js";
import { connected, serve, type Answers } from "./service.js";

/** A folder with an authority and certificates that it signed, for one test. */
function certificates(context: TestContext): (file: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "ovo-certificates-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "authority.key", "-out", "authority.pem", "-subj", "/CN=authority");
  writeFileSync(join(folder, "names"), "subjectAltName=IP:127.0.0.1");
  for (const name of ["server", "caller"]) {
    openssl("req", "-new", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const signing = ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-extfile", "names"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...signing, "-out", `${name}.pem`, "-days", "1");
  }
  return (file) => join(folder, file);
}

/** Notes the metadata that names the caller. */
function tellsToken(told: unknown[]): Answers {
  return {
    charge: (call, answer) => {
      told.push(...call.metadata.get("authorization"));
      answer(null, create(ChargeResponseSchema));
    },
  };
}

test("mutual TLS: the service is checked against the authority, and the caller shows its own", async (context) => {
  const file = certificates(context);
  const read = (name: string) => readFileSync(file(name));
  const pair = { cert_chain: read("server.pem"), private_key: read("server.key") };
  const told: unknown[] = [];
  const sealed = ServerCredentials.createSsl(read("authority.pem"), [pair], true);
  const target = await serve(context, tellsToken(told), sealed);

  const authority = file("authority.pem");
  const own = { certificate: file("caller.pem"), privateKey: file("caller.key") };
  await connected(context, target, { tls: { authority, ...own }, token: "secret" }).charge({});
  assert.deepEqual(told, ["Bearer secret"]);

  await assert.rejects(connected(context, target, { tls: { authority }, deadlineMs: 2_000 }).charge({}));
  const stranger = { authority: file("caller.pem"), ...own };
  const unknown = connected(context, target, { tls: stranger, deadlineMs: 2_000 }).charge({});
  await assert.rejects(unknown, { code: Status.UNAVAILABLE, message: /certificate/ });
});

test("a token does not travel in clear, unless the program says that something else seals it", (context) => {
  assert.throws(() => connect("payments.example:443", { token: "secret" }), TypeError);
  for (const target of ["localhost:1", "[::1]:1", "dns:///127.0.0.1:1", "unix:/run/ovo.sock"]) {
    connected(context, target, { token: "secret" });
  }
  connected(context, "payments.example:443", { token: "secret", allowTokenInClear: true });
  connected(context, "payments.example:443", { token: "secret", tls: {} });
});

test("a certificate without its key is refused", () => {
  assert.throws(() => connect("127.0.0.1:1", { tls: { certificate: "caller.pem" } }), TypeError);
});

test("the token of each call is the one of then", async (context) => {
  const told: unknown[] = [];
  const tokens = ["first", "second"];
  const target = await serve(context, tellsToken(told));
  const client = connected(context, target, { token: async () => tokens.shift() ?? "none" });
  await client.charge({});
  await client.charge({});
  assert.deepEqual(told, ["Bearer first", "Bearer second"]);
});
