import type { TestContext } from "node:test";

import { create, fromBinary, toBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import {
  Server,
  ServerCredentials,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  OvoPayments,
  type ChargeRequest,
  type ChargeResponse,
  type WatchPaymentRequest,
  type WatchPaymentResponse,
  type WatchPaymentsRequest,
  type WatchPaymentsResponse,
  WatchPaymentResponseSchema,
} from "@ovo-payments/contract/ovo/payments/v1/ovo_payments_pb.js";

import { connect, type ConnectOptions, type OvoPaymentsClient } from "../src/index.js";

/** What a service of a test answers with. */
export interface Answers {
  charge?: handleUnaryCall<ChargeRequest, ChargeResponse>;
  watchPayment?: handleServerStreamingCall<WatchPaymentRequest, WatchPaymentResponse>;
  watchPayments?: handleServerStreamingCall<WatchPaymentsRequest, WatchPaymentsResponse>;
}

/** Starts a real server on a real socket, and tells its address. */
export async function serve(test: TestContext, answers: Answers, credentials = ServerCredentials.createInsecure()) {
  const server = new Server();
  server.addService(definition(), answers as UntypedServiceImplementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  test.after(() => server.forceShutdown());
  return `127.0.0.1:${port}`;
}

/** Makes a client that the test closes. */
export function connected(test: TestContext, target: string, options: ConnectOptions = {}): OvoPaymentsClient {
  const client = connect(target, options);
  test.after(() => client.close());
  return client;
}

/** One version of a payment, as the stream brings it. */
export function version(number: number): WatchPaymentResponse {
  return create(WatchPaymentResponseSchema, {
    event: { case: "payment", value: { version: BigInt(number) } },
  });
}

function definition(): ServiceDefinition {
  return Object.fromEntries(
    OvoPayments.methods.map((method) => [
      method.localName,
      {
        path: `/${OvoPayments.typeName}/${method.name}`,
        requestStream: false,
        responseStream: method.methodKind === "server_streaming",
        ...coding("request", method.input),
        ...coding("response", method.output),
      },
    ]),
  ) as unknown as ServiceDefinition;
}

function coding(side: "request" | "response", schema: DescMessage) {
  return {
    [`${side}Serialize`]: (message: MessageShape<DescMessage>) => Buffer.from(toBinary(schema, message)),
    [`${side}Deserialize`]: (bytes: Buffer) => fromBinary(schema, bytes),
  };
}
