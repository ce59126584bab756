import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack, durationFromMs } from "@bufbuild/protobuf/wkt";
import { Metadata } from "@grpc/grpc-js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@ovo-payments/contract/google/rpc/error_details_pb.js";
import { StatusSchema } from "@ovo-payments/contract/google/rpc/status_pb.js";

import { OvoPaymentsError } from "../src/index.js";
import { connected, serve } from "./service.js";

/** A line of the table that the clients of all languages share. */
interface ErrorCase {
  what: string;
  status: number;
  reason?: string;
  domain?: string;
  decoded_reason?: string;
  metadata?: Record<string, string>;
  field_violations?: string[];
  retry_delay_ms?: number;
  call_id?: boolean;
  retryable: boolean;
}

const CASES = JSON.parse(
  readFileSync(new URL("../../../../tests/polyglot/error_cases.json", import.meta.url), "utf8"),
) as ErrorCase[];

/** The trailers that the service, or somebody on the way, answers with. */
function trailers(told: ErrorCase): Metadata {
  const wrong = (told.field_violations ?? []).map((field) => ({ field, description: "is wrong" }));
  const details = [
    ...(told.reason === undefined
      ? []
      : [
          anyPack(
            ErrorInfoSchema,
            create(ErrorInfoSchema, {
              reason: told.reason,
              domain: told.domain ?? "ovo.payments",
              metadata: told.metadata ?? {},
            }),
          ),
        ]),
    ...(wrong.length === 0 ? [] : [anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: wrong }))]),
    ...(told.retry_delay_ms === undefined
      ? []
      : [anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationFromMs(told.retry_delay_ms) }))]),
  ];
  const metadata = new Metadata();
  const status = create(StatusSchema, { code: told.status, message: told.what, details });
  metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, status)));
  if (told.call_id === true) {
    metadata.set("x-request-id", "call-1");
  }
  return metadata;
}

for (const told of CASES) {
  test(`an error has its reason, its facts and whether to repeat: ${told.what}`, async (context) => {
    const target = await serve(context, {
      charge: (_, answer) => answer({ code: told.status, details: told.what, metadata: trailers(told) }),
    });
    await assert.rejects(connected(context, target).charge({}), (error) => {
      assert(error instanceof OvoPaymentsError);
      assert.equal(error.code, told.status);
      assert.equal(error.reason, told.decoded_reason ?? told.reason ?? "");
      assert.equal(error.retryable, told.retryable);
      assert.deepEqual(error.metadata, told.metadata ?? {});
      assert.deepEqual(
        error.fieldViolations,
        (told.field_violations ?? []).map((field) => ({ field, description: "is wrong" })),
      );
      assert.equal(error.retryDelayMs, told.retry_delay_ms ?? 0);
      assert(error.message.includes(told.what));
      return true;
    });
  });
}

test("details that can't be read leave code and message", async (context) => {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from([0xff, 0xff, 0xff]));
  const target = await serve(context, {
    charge: (_, answer) => answer({ code: 5, details: "no such payment", metadata }),
  });
  await assert.rejects(connected(context, target).charge({}), { code: 5, reason: "", retryable: false });
});
