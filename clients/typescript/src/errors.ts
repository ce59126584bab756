import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack, durationMs, type Any } from "@bufbuild/protobuf/wkt";
import { status as Status, type ServiceError } from "@grpc/grpc-js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@ovo-payments/contract/google/rpc/error_details_pb.js";
import { StatusSchema } from "@ovo-payments/contract/google/rpc/status_pb.js";

/** What the service, and nobody on the way, writes into its ErrorInfo and its trailers. */
const DOMAIN = "ovo.payments";
const CALL_ID_KEY = "x-request-id";

const RETRYABLE_REASONS: ReadonlySet<string> = new Set([
  "PROVIDER_UNAVAILABLE",
  "RATE_LIMITED",
  "STREAM_INTERRUPTED",
  "STORE_UNAVAILABLE",
  "DEADLINE_TOO_SHORT",
]);

const LOST_ANSWERS: ReadonlySet<Status> = new Set([
  Status.UNAVAILABLE,
  Status.DEADLINE_EXCEEDED,
  Status.CANCELLED,
  Status.ABORTED,
]);

/** One wrong field of a request, and what is wrong with it. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/**
 * A call that did not get its answer. Decide by `retryable` and `reason`, never by the text.
 *
 * That a payment failed is no error: the call was answered, and `payment.failure` says why.
 */
export class OvoPaymentsError extends Error {
  override readonly name = "OvoPaymentsError";
  /**
   * The service's word, as in docs/errors.md, for example ORDER_ALREADY_PAID. It is empty where no answer of the
   * service came: money may have moved, and only the same request id may repeat the call.
   */
  readonly reason: string = "";
  /** gRPC's status. */
  readonly code: Status;
  /** The facts that the reason's page names, for example payment_id. */
  readonly metadata: Readonly<Record<string, string>> = {};
  /** Each wrong field, with the reason INVALID_REQUEST. */
  readonly fieldViolations: readonly FieldViolation[] = [];
  /** How long the service asks to wait, where it does. */
  readonly retryDelayMs: number = 0;
  /** Whether the same call, with the same request id, may succeed later. */
  readonly retryable: boolean;

  /** Reads gRPC's error, never its text. */
  constructor(cause: Pick<ServiceError, "code" | "details" | "metadata">) {
    super(cause.details, { cause });
    this.code = cause.code;
    for (const detail of details(cause)) {
      const info = anyUnpack(detail, ErrorInfoSchema);
      const wrong = anyUnpack(detail, BadRequestSchema);
      const retry = anyUnpack(detail, RetryInfoSchema);
      if (info?.domain === DOMAIN) {
        this.reason = info.reason;
        this.metadata = { ...info.metadata };
      }
      if (wrong !== undefined) {
        this.fieldViolations = wrong.fieldViolations.map(({ field, description }) => ({ field, description }));
      }
      if (retry?.retryDelay !== undefined) {
        this.retryDelayMs = durationMs(retry.retryDelay);
      }
    }
    const word = this.reason === "" ? Status[this.code] : this.reason;
    const violations = this.fieldViolations.map(({ field, description }) => `${field}: ${description}`);
    this.message = [`${word}: ${cause.details}`, ...violations].join("; ");
    this.retryable = isRetryable(this.reason, this.code, cause.metadata.get(CALL_ID_KEY).length > 0);
  }
}

function isRetryable(reason: string, code: Status, served: boolean): boolean {
  if (RETRYABLE_REASONS.has(reason) || LOST_ANSWERS.has(code)) {
    return true;
  }
  // Without a reason it was made on the way. INTERNAL of a call that reached the service is a fault of its own, and
  // not a stream that something on the way has reset. RESOURCE_EXHAUSTED is a message that is too big for somebody
  // on the way; with a reason it is a word that only a newer service knows.
  return reason === "" ? code === Status.INTERNAL && !served : code === Status.RESOURCE_EXHAUSTED;
}

function details(cause: Pick<ServiceError, "metadata">): Any[] {
  const [encoded] = cause.metadata.get("grpc-status-details-bin");
  try {
    return encoded instanceof Buffer ? fromBinary(StatusSchema, encoded).details : [];
  } catch {
    // Whoever wrote these bytes, the code and the message still stand beside them.
    return [];
  }
}
