import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { durationFromMs, durationMs, type Duration } from "@bufbuild/protobuf/wkt";
import { Client, Metadata, type CallOptions as GrpcCallOptions, type ClientReadableStream } from "@grpc/grpc-js";
import type { Money } from "@ovo-payments/contract/google/type/money_pb.js";
import {
  OvoPayments,
  WatchPaymentRequestSchema,
  WatchPaymentsRequestSchema,
  type WatchPaymentResponse,
  type WatchPaymentsResponse,
} from "@ovo-payments/contract/ovo/payments/v1/ovo_payments_pb.js";
import type { Payment } from "@ovo-payments/contract/ovo/payments/v1/payment_pb.js";

import { channelCredentials, staysOnThisMachine, type TlsFiles, type Token } from "./credentials.js";
import { OvoPaymentsError } from "./errors.js";
import { SERVICE_CONFIG } from "./service_config.js";
import { DEFAULT_BACKOFF, follow, type Backoff } from "./watch.js";

/** The client's own version, as its user agent tells it. */
export const VERSION = "0.1.0";

const DEADLINE_MS = 30_000;
const HEARTBEAT_MS = 15_000;

export interface ConnectOptions {
  /** The caller's token. */
  token?: Token;
  /** Speaks TLS; `{}` trusts Node's own list of public authorities. */
  tls?: TlsFiles;
  /** Sends the token without TLS to another machine: something else seals the connection. */
  allowTokenInClear?: boolean;
  /** Bounds each unary call; 30 s where unset. */
  deadlineMs?: number;
  /** How watches wait before they connect again. */
  backoff?: Partial<Backoff>;
}

export interface CallOptions {
  /** Bounds this call. */
  deadlineMs?: number;
  /** Ends this call; the payment goes on. */
  signal?: AbortSignal;
}

type Method<Input extends DescMessage, Output extends DescMessage> = DescMethod & { input: Input; output: Output };

/** Makes a client; the connection itself is made with the first call. */
export function connect(target: string, options: ConnectOptions = {}): OvoPaymentsClient {
  const inClear = options.tls === undefined && !staysOnThisMachine(target);
  if (options.token !== undefined && inClear && options.allowTokenInClear !== true) {
    throw new TypeError(
      `the token would travel to ${target} in clear: pass tls, or allowTokenInClear where something else seals it`,
    );
  }
  return new OvoPaymentsClient(target, options);
}

/** An amount of whole rupiah. */
export function rupiah(amount: number | bigint): Pick<Money, "currencyCode" | "units"> {
  return { currencyCode: "IDR", units: BigInt(amount) };
}

/** The subject of GetStatus and of a watch: a payment. */
export function paymentOf(paymentId: string): { case: "paymentId"; value: string } {
  return { case: "paymentId", value: paymentId };
}

/** Has a method for each RPC, and watches that go on over broken connections. Open one and share it. */
export class OvoPaymentsClient {
  readonly #client: Client;
  readonly #options: ConnectOptions;
  readonly #backoff: Backoff;

  /** Use `connect`, which keeps the token from travelling in clear. */
  constructor(target: string, options: ConnectOptions) {
    this.#options = options;
    this.#backoff = { ...DEFAULT_BACKOFF, ...options.backoff };
    this.#client = new Client(target, channelCredentials(options.tls), {
      "grpc.service_config": JSON.stringify(SERVICE_CONFIG),
      "grpc.primary_user_agent": `ovo-payments-client-typescript/${VERSION}`,
      // A ping every half minute while a call is open; the service takes one in 10 s.
      "grpc.keepalive_time_ms": 30_000,
      "grpc.keepalive_timeout_ms": 10_000,
      "grpc.initial_reconnect_backoff_ms": 250,
      "grpc.max_reconnect_backoff_ms": 5_000,
      // A client is a connection of its own.
      "grpc.use_local_subchannel_pool": 1,
    });
  }

  /** Starts linking a customer's OVO account; the customer finishes at `binding.redirectUrl`. */
  bind(request: MessageInitShape<typeof OvoPayments.method.bind.input>, options: CallOptions = {}) {
    return this.#unary(OvoPayments.method.bind, request, options);
  }

  /** Unlinks an account; unlinking it again changes nothing. */
  unbind(request: MessageInitShape<typeof OvoPayments.method.unbind.input>, options: CallOptions = {}) {
    return this.#unary(OvoPayments.method.unbind, request, options);
  }

  /** Reads what a linked account holds, from the provider, now. */
  balance(request: MessageInitShape<typeof OvoPayments.method.balance.input>, options: CallOptions = {}) {
    return this.#unary(OvoPayments.method.balance, request, options);
  }

  /** Debits a linked account. */
  pay(request: MessageInitShape<typeof OvoPayments.method.pay.input>, options: CallOptions = {}) {
    return this.#unary(OvoPayments.method.pay, request, options);
  }

  /** Sends a payment request to the OVO app of a phone number. */
  charge(request: MessageInitShape<typeof OvoPayments.method.charge.input>, options: CallOptions = {}) {
    return this.#unary(OvoPayments.method.charge, request, options);
  }

  /** Returns a succeeded payment's money to the customer. */
  refund(request: MessageInitShape<typeof OvoPayments.method.refund.input>, options: CallOptions = {}) {
    return this.#unary(OvoPayments.method.refund, request, options);
  }

  /** Reads a payment or a binding; with `refresh`, asks the provider first. */
  getStatus(request: MessageInitShape<typeof OvoPayments.method.getStatus.input>, options: CallOptions = {}) {
    return this.#unary(OvoPayments.method.getStatus, request, options);
  }

  /**
   * Yields each version of a payment once, in order, to the last; then the loop ends.
   *
   * A connection that breaks is made anew from the last version seen, without end. Leaving the loop never cancels
   * the payment. Without `afterVersion` the first version is the payment as it stands; 0n gives its whole history.
   */
  watch(
    request: MessageInitShape<typeof WatchPaymentRequestSchema>,
    options: Pick<CallOptions, "signal"> = {},
  ): AsyncGenerator<Payment, void> {
    const asked = create(WatchPaymentRequestSchema, request);
    asked.heartbeatInterval ??= durationFromMs(HEARTBEAT_MS);
    return this.#follow(OvoPayments.method.watchPayment, asked, options, (message: WatchPaymentResponse) => {
      if (message.event.case !== "payment" || message.event.value.version <= (asked.afterVersion ?? 0n)) {
        return undefined;
      }
      asked.afterVersion = message.event.value.version;
      return message.event.value;
    });
  }

  /**
   * Yields every change of every payment of the caller, in one order, without end.
   *
   * Each message has a cursor: store it with what you made of the message, and begin with it again.
   */
  watchAll(
    request: MessageInitShape<typeof WatchPaymentsRequestSchema>,
    options: Pick<CallOptions, "signal"> = {},
  ): AsyncGenerator<WatchPaymentsResponse, void> {
    const asked = create(WatchPaymentsRequestSchema, request);
    asked.heartbeatInterval ??= durationFromMs(HEARTBEAT_MS);
    return this.#follow(OvoPayments.method.watchPayments, asked, options, (message: WatchPaymentsResponse) => {
      asked.cursor = message.cursor;
      asked.fromNow = false;
      return message;
    });
  }

  /** Ends the connection. */
  close(): void {
    this.#client.close();
  }

  async #unary<Input extends DescMessage, Output extends DescMessage>(
    method: Method<Input, Output>,
    request: MessageInitShape<Input>,
    { deadlineMs = this.#options.deadlineMs ?? DEADLINE_MS, signal }: CallOptions,
  ): Promise<MessageShape<Output>> {
    const metadata = await this.#metadata();
    signal?.throwIfAborted();
    const settings: GrpcCallOptions = { deadline: Date.now() + deadlineMs };
    return new Promise((resolve, reject) => {
      const leave = () => call.cancel();
      const call = this.#client.makeUnaryRequest(
        ...wire(method),
        create(method.input, request),
        metadata,
        settings,
        (error, answer) => {
          signal?.removeEventListener("abort", leave);
          if (error === null && answer !== undefined) {
            resolve(answer);
          } else if (signal?.aborted === true) {
            reject(signal.reason);
          } else if (error !== null) {
            reject(new OvoPaymentsError(error));
          }
        },
      );
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  #follow<Input extends DescMessage, Output extends DescMessage, Event>(
    method: Method<Input, Output>,
    asked: MessageShape<Input> & { heartbeatInterval?: Duration },
    { signal }: Pick<CallOptions, "signal">,
    take: (message: MessageShape<Output>) => Event | undefined,
  ): AsyncGenerator<Event, void> {
    const open = async (): Promise<ClientReadableStream<MessageShape<Output>>> => {
      const metadata = await this.#metadata();
      signal?.throwIfAborted();
      return this.#client.makeServerStreamRequest(...wire(method), asked, metadata);
    };
    const heartbeatMs = asked.heartbeatInterval === undefined ? HEARTBEAT_MS : durationMs(asked.heartbeatInterval);
    return follow({ heartbeatMs, backoff: this.#backoff, signal, open, take });
  }

  /** Names the caller. */
  async #metadata(): Promise<Metadata> {
    const metadata = new Metadata();
    const { token } = this.#options;
    if (token !== undefined) {
      metadata.set("authorization", `Bearer ${typeof token === "string" ? token : await token()}`);
    }
    return metadata;
  }
}

/** What gRPC needs of a method: its path, and how its messages become bytes and back. */
function wire<Input extends DescMessage, Output extends DescMessage>(
  method: Method<Input, Output>,
): [string, (request: MessageShape<Input>) => Buffer, (bytes: Buffer) => MessageShape<Output>] {
  return [
    `/${method.parent.typeName}/${method.name}`,
    (request) => Buffer.from(toBinary(method.input, request)),
    (bytes) => fromBinary(method.output, bytes),
  ];
}
