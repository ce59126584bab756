package ovo.payments.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Takes OVO wallet payments for internal services, whichever provider carries them.
 * Every call that can move money or link an account carries a `request_id`
 * made by the caller. Repeating a call with the same `request_id` and the same
 * content never acts twice: it answers with the present state of what the first
 * call made. The same `request_id` with other content is ALREADY_EXISTS,
 * reason REQUEST_ID_REUSED.
 * UNAVAILABLE means that nothing was sent to a provider, so the call is safe to
 * repeat. Once a provider may have acted, the answer is OK, and the state of the
 * payment tells what is known.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class OvoPaymentsGrpc {

  private OvoPaymentsGrpc() {}

  public static final java.lang.String SERVICE_NAME = "ovo.payments.v1.OvoPayments";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<ovo.payments.v1.BindRequest,
      ovo.payments.v1.BindResponse> getBindMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Bind",
      requestType = ovo.payments.v1.BindRequest.class,
      responseType = ovo.payments.v1.BindResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<ovo.payments.v1.BindRequest,
      ovo.payments.v1.BindResponse> getBindMethod() {
    io.grpc.MethodDescriptor<ovo.payments.v1.BindRequest, ovo.payments.v1.BindResponse> getBindMethod;
    if ((getBindMethod = OvoPaymentsGrpc.getBindMethod) == null) {
      synchronized (OvoPaymentsGrpc.class) {
        if ((getBindMethod = OvoPaymentsGrpc.getBindMethod) == null) {
          OvoPaymentsGrpc.getBindMethod = getBindMethod =
              io.grpc.MethodDescriptor.<ovo.payments.v1.BindRequest, ovo.payments.v1.BindResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Bind"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.BindRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.BindResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OvoPaymentsMethodDescriptorSupplier("Bind"))
              .build();
        }
      }
    }
    return getBindMethod;
  }

  private static volatile io.grpc.MethodDescriptor<ovo.payments.v1.UnbindRequest,
      ovo.payments.v1.UnbindResponse> getUnbindMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Unbind",
      requestType = ovo.payments.v1.UnbindRequest.class,
      responseType = ovo.payments.v1.UnbindResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<ovo.payments.v1.UnbindRequest,
      ovo.payments.v1.UnbindResponse> getUnbindMethod() {
    io.grpc.MethodDescriptor<ovo.payments.v1.UnbindRequest, ovo.payments.v1.UnbindResponse> getUnbindMethod;
    if ((getUnbindMethod = OvoPaymentsGrpc.getUnbindMethod) == null) {
      synchronized (OvoPaymentsGrpc.class) {
        if ((getUnbindMethod = OvoPaymentsGrpc.getUnbindMethod) == null) {
          OvoPaymentsGrpc.getUnbindMethod = getUnbindMethod =
              io.grpc.MethodDescriptor.<ovo.payments.v1.UnbindRequest, ovo.payments.v1.UnbindResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Unbind"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.UnbindRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.UnbindResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OvoPaymentsMethodDescriptorSupplier("Unbind"))
              .build();
        }
      }
    }
    return getUnbindMethod;
  }

  private static volatile io.grpc.MethodDescriptor<ovo.payments.v1.BalanceRequest,
      ovo.payments.v1.BalanceResponse> getBalanceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Balance",
      requestType = ovo.payments.v1.BalanceRequest.class,
      responseType = ovo.payments.v1.BalanceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<ovo.payments.v1.BalanceRequest,
      ovo.payments.v1.BalanceResponse> getBalanceMethod() {
    io.grpc.MethodDescriptor<ovo.payments.v1.BalanceRequest, ovo.payments.v1.BalanceResponse> getBalanceMethod;
    if ((getBalanceMethod = OvoPaymentsGrpc.getBalanceMethod) == null) {
      synchronized (OvoPaymentsGrpc.class) {
        if ((getBalanceMethod = OvoPaymentsGrpc.getBalanceMethod) == null) {
          OvoPaymentsGrpc.getBalanceMethod = getBalanceMethod =
              io.grpc.MethodDescriptor.<ovo.payments.v1.BalanceRequest, ovo.payments.v1.BalanceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Balance"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.BalanceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.BalanceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OvoPaymentsMethodDescriptorSupplier("Balance"))
              .build();
        }
      }
    }
    return getBalanceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<ovo.payments.v1.PayRequest,
      ovo.payments.v1.PayResponse> getPayMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Pay",
      requestType = ovo.payments.v1.PayRequest.class,
      responseType = ovo.payments.v1.PayResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<ovo.payments.v1.PayRequest,
      ovo.payments.v1.PayResponse> getPayMethod() {
    io.grpc.MethodDescriptor<ovo.payments.v1.PayRequest, ovo.payments.v1.PayResponse> getPayMethod;
    if ((getPayMethod = OvoPaymentsGrpc.getPayMethod) == null) {
      synchronized (OvoPaymentsGrpc.class) {
        if ((getPayMethod = OvoPaymentsGrpc.getPayMethod) == null) {
          OvoPaymentsGrpc.getPayMethod = getPayMethod =
              io.grpc.MethodDescriptor.<ovo.payments.v1.PayRequest, ovo.payments.v1.PayResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Pay"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.PayRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.PayResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OvoPaymentsMethodDescriptorSupplier("Pay"))
              .build();
        }
      }
    }
    return getPayMethod;
  }

  private static volatile io.grpc.MethodDescriptor<ovo.payments.v1.ChargeRequest,
      ovo.payments.v1.ChargeResponse> getChargeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Charge",
      requestType = ovo.payments.v1.ChargeRequest.class,
      responseType = ovo.payments.v1.ChargeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<ovo.payments.v1.ChargeRequest,
      ovo.payments.v1.ChargeResponse> getChargeMethod() {
    io.grpc.MethodDescriptor<ovo.payments.v1.ChargeRequest, ovo.payments.v1.ChargeResponse> getChargeMethod;
    if ((getChargeMethod = OvoPaymentsGrpc.getChargeMethod) == null) {
      synchronized (OvoPaymentsGrpc.class) {
        if ((getChargeMethod = OvoPaymentsGrpc.getChargeMethod) == null) {
          OvoPaymentsGrpc.getChargeMethod = getChargeMethod =
              io.grpc.MethodDescriptor.<ovo.payments.v1.ChargeRequest, ovo.payments.v1.ChargeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Charge"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.ChargeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.ChargeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OvoPaymentsMethodDescriptorSupplier("Charge"))
              .build();
        }
      }
    }
    return getChargeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<ovo.payments.v1.RefundRequest,
      ovo.payments.v1.RefundResponse> getRefundMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Refund",
      requestType = ovo.payments.v1.RefundRequest.class,
      responseType = ovo.payments.v1.RefundResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<ovo.payments.v1.RefundRequest,
      ovo.payments.v1.RefundResponse> getRefundMethod() {
    io.grpc.MethodDescriptor<ovo.payments.v1.RefundRequest, ovo.payments.v1.RefundResponse> getRefundMethod;
    if ((getRefundMethod = OvoPaymentsGrpc.getRefundMethod) == null) {
      synchronized (OvoPaymentsGrpc.class) {
        if ((getRefundMethod = OvoPaymentsGrpc.getRefundMethod) == null) {
          OvoPaymentsGrpc.getRefundMethod = getRefundMethod =
              io.grpc.MethodDescriptor.<ovo.payments.v1.RefundRequest, ovo.payments.v1.RefundResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Refund"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.RefundRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.RefundResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OvoPaymentsMethodDescriptorSupplier("Refund"))
              .build();
        }
      }
    }
    return getRefundMethod;
  }

  private static volatile io.grpc.MethodDescriptor<ovo.payments.v1.GetStatusRequest,
      ovo.payments.v1.GetStatusResponse> getGetStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetStatus",
      requestType = ovo.payments.v1.GetStatusRequest.class,
      responseType = ovo.payments.v1.GetStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<ovo.payments.v1.GetStatusRequest,
      ovo.payments.v1.GetStatusResponse> getGetStatusMethod() {
    io.grpc.MethodDescriptor<ovo.payments.v1.GetStatusRequest, ovo.payments.v1.GetStatusResponse> getGetStatusMethod;
    if ((getGetStatusMethod = OvoPaymentsGrpc.getGetStatusMethod) == null) {
      synchronized (OvoPaymentsGrpc.class) {
        if ((getGetStatusMethod = OvoPaymentsGrpc.getGetStatusMethod) == null) {
          OvoPaymentsGrpc.getGetStatusMethod = getGetStatusMethod =
              io.grpc.MethodDescriptor.<ovo.payments.v1.GetStatusRequest, ovo.payments.v1.GetStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetStatus"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.GetStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.GetStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OvoPaymentsMethodDescriptorSupplier("GetStatus"))
              .build();
        }
      }
    }
    return getGetStatusMethod;
  }

  private static volatile io.grpc.MethodDescriptor<ovo.payments.v1.WatchPaymentRequest,
      ovo.payments.v1.WatchPaymentResponse> getWatchPaymentMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchPayment",
      requestType = ovo.payments.v1.WatchPaymentRequest.class,
      responseType = ovo.payments.v1.WatchPaymentResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<ovo.payments.v1.WatchPaymentRequest,
      ovo.payments.v1.WatchPaymentResponse> getWatchPaymentMethod() {
    io.grpc.MethodDescriptor<ovo.payments.v1.WatchPaymentRequest, ovo.payments.v1.WatchPaymentResponse> getWatchPaymentMethod;
    if ((getWatchPaymentMethod = OvoPaymentsGrpc.getWatchPaymentMethod) == null) {
      synchronized (OvoPaymentsGrpc.class) {
        if ((getWatchPaymentMethod = OvoPaymentsGrpc.getWatchPaymentMethod) == null) {
          OvoPaymentsGrpc.getWatchPaymentMethod = getWatchPaymentMethod =
              io.grpc.MethodDescriptor.<ovo.payments.v1.WatchPaymentRequest, ovo.payments.v1.WatchPaymentResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchPayment"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.WatchPaymentRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.WatchPaymentResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OvoPaymentsMethodDescriptorSupplier("WatchPayment"))
              .build();
        }
      }
    }
    return getWatchPaymentMethod;
  }

  private static volatile io.grpc.MethodDescriptor<ovo.payments.v1.WatchPaymentsRequest,
      ovo.payments.v1.WatchPaymentsResponse> getWatchPaymentsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchPayments",
      requestType = ovo.payments.v1.WatchPaymentsRequest.class,
      responseType = ovo.payments.v1.WatchPaymentsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<ovo.payments.v1.WatchPaymentsRequest,
      ovo.payments.v1.WatchPaymentsResponse> getWatchPaymentsMethod() {
    io.grpc.MethodDescriptor<ovo.payments.v1.WatchPaymentsRequest, ovo.payments.v1.WatchPaymentsResponse> getWatchPaymentsMethod;
    if ((getWatchPaymentsMethod = OvoPaymentsGrpc.getWatchPaymentsMethod) == null) {
      synchronized (OvoPaymentsGrpc.class) {
        if ((getWatchPaymentsMethod = OvoPaymentsGrpc.getWatchPaymentsMethod) == null) {
          OvoPaymentsGrpc.getWatchPaymentsMethod = getWatchPaymentsMethod =
              io.grpc.MethodDescriptor.<ovo.payments.v1.WatchPaymentsRequest, ovo.payments.v1.WatchPaymentsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchPayments"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.WatchPaymentsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  ovo.payments.v1.WatchPaymentsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OvoPaymentsMethodDescriptorSupplier("WatchPayments"))
              .build();
        }
      }
    }
    return getWatchPaymentsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static OvoPaymentsStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<OvoPaymentsStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<OvoPaymentsStub>() {
        @java.lang.Override
        public OvoPaymentsStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new OvoPaymentsStub(channel, callOptions);
        }
      };
    return OvoPaymentsStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static OvoPaymentsBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<OvoPaymentsBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<OvoPaymentsBlockingStub>() {
        @java.lang.Override
        public OvoPaymentsBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new OvoPaymentsBlockingStub(channel, callOptions);
        }
      };
    return OvoPaymentsBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static OvoPaymentsFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<OvoPaymentsFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<OvoPaymentsFutureStub>() {
        @java.lang.Override
        public OvoPaymentsFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new OvoPaymentsFutureStub(channel, callOptions);
        }
      };
    return OvoPaymentsFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Takes OVO wallet payments for internal services, whichever provider carries them.
   * Every call that can move money or link an account carries a `request_id`
   * made by the caller. Repeating a call with the same `request_id` and the same
   * content never acts twice: it answers with the present state of what the first
   * call made. The same `request_id` with other content is ALREADY_EXISTS,
   * reason REQUEST_ID_REUSED.
   * UNAVAILABLE means that nothing was sent to a provider, so the call is safe to
   * repeat. Once a provider may have acted, the answer is OK, and the state of the
   * payment tells what is known.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Starts linking a customer's OVO account.
     * The customer finishes on the page at `binding.redirect_url` with OTP and PIN.
     * </pre>
     */
    default void bind(ovo.payments.v1.BindRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.BindResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBindMethod(), responseObserver);
    }

    /**
     * <pre>
     * Unlinks an account. Unlinking an unlinked account succeeds.
     * FAILED_PRECONDITION, reason PAYMENT_IN_FLIGHT, while a payment that uses it is open.
     * </pre>
     */
    default void unbind(ovo.payments.v1.UnbindRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.UnbindResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUnbindMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads the balance of a linked account at the provider, now.
     * </pre>
     */
    default void balance(ovo.payments.v1.BalanceRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.BalanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBalanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * Debits a linked account.
     * </pre>
     */
    default void pay(ovo.payments.v1.PayRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.PayResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPayMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends a payment request to the OVO app of a phone number.
     * The customer has until `payment.expire_time` to accept it there.
     * </pre>
     */
    default void charge(ovo.payments.v1.ChargeRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.ChargeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getChargeMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a succeeded payment's money to the customer.
     * </pre>
     */
    default void refund(ovo.payments.v1.RefundRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.RefundResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRefundMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a payment or a binding as this service knows it.
     * With `refresh`, asks the provider first.
     * </pre>
     */
    default void getStatus(ovo.payments.v1.GetStatusRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.GetStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetStatusMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams a payment's changes until it can change no more, then ends with OK.
     * Versions arrive in order, each once, none left out. Without `after_version`
     * the first message is the payment as it stands; with it, every version above
     * it follows. A client that reconnects with the last version that it saw loses
     * nothing and sees nothing twice. A heartbeat follows whenever the stream was
     * quiet for `heartbeat_interval`. Closing the stream never cancels the payment.
     * </pre>
     */
    default void watchPayment(ovo.payments.v1.WatchPaymentRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.WatchPaymentResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchPaymentMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams every change of every payment of the caller, so that it can keep a table of its own in step.
     * Changes arrive in one order that never changes, each once, none left out; the versions of a
     * payment in theirs. Every message carries a cursor: a client that stores it with what it made of
     * the message, and reconnects with it, loses nothing and sees nothing twice. The stream has no
     * end of its own; where the server ends it (UNAVAILABLE, reason STREAM_INTERRUPTED), reconnect.
     * </pre>
     */
    default void watchPayments(ovo.payments.v1.WatchPaymentsRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.WatchPaymentsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchPaymentsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service OvoPayments.
   * <pre>
   * Takes OVO wallet payments for internal services, whichever provider carries them.
   * Every call that can move money or link an account carries a `request_id`
   * made by the caller. Repeating a call with the same `request_id` and the same
   * content never acts twice: it answers with the present state of what the first
   * call made. The same `request_id` with other content is ALREADY_EXISTS,
   * reason REQUEST_ID_REUSED.
   * UNAVAILABLE means that nothing was sent to a provider, so the call is safe to
   * repeat. Once a provider may have acted, the answer is OK, and the state of the
   * payment tells what is known.
   * </pre>
   */
  public static abstract class OvoPaymentsImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return OvoPaymentsGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service OvoPayments.
   * <pre>
   * Takes OVO wallet payments for internal services, whichever provider carries them.
   * Every call that can move money or link an account carries a `request_id`
   * made by the caller. Repeating a call with the same `request_id` and the same
   * content never acts twice: it answers with the present state of what the first
   * call made. The same `request_id` with other content is ALREADY_EXISTS,
   * reason REQUEST_ID_REUSED.
   * UNAVAILABLE means that nothing was sent to a provider, so the call is safe to
   * repeat. Once a provider may have acted, the answer is OK, and the state of the
   * payment tells what is known.
   * </pre>
   */
  public static final class OvoPaymentsStub
      extends io.grpc.stub.AbstractAsyncStub<OvoPaymentsStub> {
    private OvoPaymentsStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected OvoPaymentsStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new OvoPaymentsStub(channel, callOptions);
    }

    /**
     * <pre>
     * Starts linking a customer's OVO account.
     * The customer finishes on the page at `binding.redirect_url` with OTP and PIN.
     * </pre>
     */
    public void bind(ovo.payments.v1.BindRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.BindResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBindMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Unlinks an account. Unlinking an unlinked account succeeds.
     * FAILED_PRECONDITION, reason PAYMENT_IN_FLIGHT, while a payment that uses it is open.
     * </pre>
     */
    public void unbind(ovo.payments.v1.UnbindRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.UnbindResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUnbindMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads the balance of a linked account at the provider, now.
     * </pre>
     */
    public void balance(ovo.payments.v1.BalanceRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.BalanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBalanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Debits a linked account.
     * </pre>
     */
    public void pay(ovo.payments.v1.PayRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.PayResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPayMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sends a payment request to the OVO app of a phone number.
     * The customer has until `payment.expire_time` to accept it there.
     * </pre>
     */
    public void charge(ovo.payments.v1.ChargeRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.ChargeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getChargeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a succeeded payment's money to the customer.
     * </pre>
     */
    public void refund(ovo.payments.v1.RefundRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.RefundResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRefundMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a payment or a binding as this service knows it.
     * With `refresh`, asks the provider first.
     * </pre>
     */
    public void getStatus(ovo.payments.v1.GetStatusRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.GetStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetStatusMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams a payment's changes until it can change no more, then ends with OK.
     * Versions arrive in order, each once, none left out. Without `after_version`
     * the first message is the payment as it stands; with it, every version above
     * it follows. A client that reconnects with the last version that it saw loses
     * nothing and sees nothing twice. A heartbeat follows whenever the stream was
     * quiet for `heartbeat_interval`. Closing the stream never cancels the payment.
     * </pre>
     */
    public void watchPayment(ovo.payments.v1.WatchPaymentRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.WatchPaymentResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchPaymentMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams every change of every payment of the caller, so that it can keep a table of its own in step.
     * Changes arrive in one order that never changes, each once, none left out; the versions of a
     * payment in theirs. Every message carries a cursor: a client that stores it with what it made of
     * the message, and reconnects with it, loses nothing and sees nothing twice. The stream has no
     * end of its own; where the server ends it (UNAVAILABLE, reason STREAM_INTERRUPTED), reconnect.
     * </pre>
     */
    public void watchPayments(ovo.payments.v1.WatchPaymentsRequest request,
        io.grpc.stub.StreamObserver<ovo.payments.v1.WatchPaymentsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchPaymentsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service OvoPayments.
   * <pre>
   * Takes OVO wallet payments for internal services, whichever provider carries them.
   * Every call that can move money or link an account carries a `request_id`
   * made by the caller. Repeating a call with the same `request_id` and the same
   * content never acts twice: it answers with the present state of what the first
   * call made. The same `request_id` with other content is ALREADY_EXISTS,
   * reason REQUEST_ID_REUSED.
   * UNAVAILABLE means that nothing was sent to a provider, so the call is safe to
   * repeat. Once a provider may have acted, the answer is OK, and the state of the
   * payment tells what is known.
   * </pre>
   */
  public static final class OvoPaymentsBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<OvoPaymentsBlockingStub> {
    private OvoPaymentsBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected OvoPaymentsBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new OvoPaymentsBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Starts linking a customer's OVO account.
     * The customer finishes on the page at `binding.redirect_url` with OTP and PIN.
     * </pre>
     */
    public ovo.payments.v1.BindResponse bind(ovo.payments.v1.BindRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBindMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Unlinks an account. Unlinking an unlinked account succeeds.
     * FAILED_PRECONDITION, reason PAYMENT_IN_FLIGHT, while a payment that uses it is open.
     * </pre>
     */
    public ovo.payments.v1.UnbindResponse unbind(ovo.payments.v1.UnbindRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUnbindMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads the balance of a linked account at the provider, now.
     * </pre>
     */
    public ovo.payments.v1.BalanceResponse balance(ovo.payments.v1.BalanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBalanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Debits a linked account.
     * </pre>
     */
    public ovo.payments.v1.PayResponse pay(ovo.payments.v1.PayRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPayMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends a payment request to the OVO app of a phone number.
     * The customer has until `payment.expire_time` to accept it there.
     * </pre>
     */
    public ovo.payments.v1.ChargeResponse charge(ovo.payments.v1.ChargeRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getChargeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a succeeded payment's money to the customer.
     * </pre>
     */
    public ovo.payments.v1.RefundResponse refund(ovo.payments.v1.RefundRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRefundMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a payment or a binding as this service knows it.
     * With `refresh`, asks the provider first.
     * </pre>
     */
    public ovo.payments.v1.GetStatusResponse getStatus(ovo.payments.v1.GetStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams a payment's changes until it can change no more, then ends with OK.
     * Versions arrive in order, each once, none left out. Without `after_version`
     * the first message is the payment as it stands; with it, every version above
     * it follows. A client that reconnects with the last version that it saw loses
     * nothing and sees nothing twice. A heartbeat follows whenever the stream was
     * quiet for `heartbeat_interval`. Closing the stream never cancels the payment.
     * </pre>
     */
    public java.util.Iterator<ovo.payments.v1.WatchPaymentResponse> watchPayment(
        ovo.payments.v1.WatchPaymentRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchPaymentMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams every change of every payment of the caller, so that it can keep a table of its own in step.
     * Changes arrive in one order that never changes, each once, none left out; the versions of a
     * payment in theirs. Every message carries a cursor: a client that stores it with what it made of
     * the message, and reconnects with it, loses nothing and sees nothing twice. The stream has no
     * end of its own; where the server ends it (UNAVAILABLE, reason STREAM_INTERRUPTED), reconnect.
     * </pre>
     */
    public java.util.Iterator<ovo.payments.v1.WatchPaymentsResponse> watchPayments(
        ovo.payments.v1.WatchPaymentsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchPaymentsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service OvoPayments.
   * <pre>
   * Takes OVO wallet payments for internal services, whichever provider carries them.
   * Every call that can move money or link an account carries a `request_id`
   * made by the caller. Repeating a call with the same `request_id` and the same
   * content never acts twice: it answers with the present state of what the first
   * call made. The same `request_id` with other content is ALREADY_EXISTS,
   * reason REQUEST_ID_REUSED.
   * UNAVAILABLE means that nothing was sent to a provider, so the call is safe to
   * repeat. Once a provider may have acted, the answer is OK, and the state of the
   * payment tells what is known.
   * </pre>
   */
  public static final class OvoPaymentsFutureStub
      extends io.grpc.stub.AbstractFutureStub<OvoPaymentsFutureStub> {
    private OvoPaymentsFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected OvoPaymentsFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new OvoPaymentsFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Starts linking a customer's OVO account.
     * The customer finishes on the page at `binding.redirect_url` with OTP and PIN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<ovo.payments.v1.BindResponse> bind(
        ovo.payments.v1.BindRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBindMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Unlinks an account. Unlinking an unlinked account succeeds.
     * FAILED_PRECONDITION, reason PAYMENT_IN_FLIGHT, while a payment that uses it is open.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<ovo.payments.v1.UnbindResponse> unbind(
        ovo.payments.v1.UnbindRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUnbindMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads the balance of a linked account at the provider, now.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<ovo.payments.v1.BalanceResponse> balance(
        ovo.payments.v1.BalanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBalanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Debits a linked account.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<ovo.payments.v1.PayResponse> pay(
        ovo.payments.v1.PayRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPayMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sends a payment request to the OVO app of a phone number.
     * The customer has until `payment.expire_time` to accept it there.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<ovo.payments.v1.ChargeResponse> charge(
        ovo.payments.v1.ChargeRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getChargeMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a succeeded payment's money to the customer.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<ovo.payments.v1.RefundResponse> refund(
        ovo.payments.v1.RefundRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRefundMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads a payment or a binding as this service knows it.
     * With `refresh`, asks the provider first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<ovo.payments.v1.GetStatusResponse> getStatus(
        ovo.payments.v1.GetStatusRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetStatusMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_BIND = 0;
  private static final int METHODID_UNBIND = 1;
  private static final int METHODID_BALANCE = 2;
  private static final int METHODID_PAY = 3;
  private static final int METHODID_CHARGE = 4;
  private static final int METHODID_REFUND = 5;
  private static final int METHODID_GET_STATUS = 6;
  private static final int METHODID_WATCH_PAYMENT = 7;
  private static final int METHODID_WATCH_PAYMENTS = 8;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_BIND:
          serviceImpl.bind((ovo.payments.v1.BindRequest) request,
              (io.grpc.stub.StreamObserver<ovo.payments.v1.BindResponse>) responseObserver);
          break;
        case METHODID_UNBIND:
          serviceImpl.unbind((ovo.payments.v1.UnbindRequest) request,
              (io.grpc.stub.StreamObserver<ovo.payments.v1.UnbindResponse>) responseObserver);
          break;
        case METHODID_BALANCE:
          serviceImpl.balance((ovo.payments.v1.BalanceRequest) request,
              (io.grpc.stub.StreamObserver<ovo.payments.v1.BalanceResponse>) responseObserver);
          break;
        case METHODID_PAY:
          serviceImpl.pay((ovo.payments.v1.PayRequest) request,
              (io.grpc.stub.StreamObserver<ovo.payments.v1.PayResponse>) responseObserver);
          break;
        case METHODID_CHARGE:
          serviceImpl.charge((ovo.payments.v1.ChargeRequest) request,
              (io.grpc.stub.StreamObserver<ovo.payments.v1.ChargeResponse>) responseObserver);
          break;
        case METHODID_REFUND:
          serviceImpl.refund((ovo.payments.v1.RefundRequest) request,
              (io.grpc.stub.StreamObserver<ovo.payments.v1.RefundResponse>) responseObserver);
          break;
        case METHODID_GET_STATUS:
          serviceImpl.getStatus((ovo.payments.v1.GetStatusRequest) request,
              (io.grpc.stub.StreamObserver<ovo.payments.v1.GetStatusResponse>) responseObserver);
          break;
        case METHODID_WATCH_PAYMENT:
          serviceImpl.watchPayment((ovo.payments.v1.WatchPaymentRequest) request,
              (io.grpc.stub.StreamObserver<ovo.payments.v1.WatchPaymentResponse>) responseObserver);
          break;
        case METHODID_WATCH_PAYMENTS:
          serviceImpl.watchPayments((ovo.payments.v1.WatchPaymentsRequest) request,
              (io.grpc.stub.StreamObserver<ovo.payments.v1.WatchPaymentsResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getBindMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              ovo.payments.v1.BindRequest,
              ovo.payments.v1.BindResponse>(
                service, METHODID_BIND)))
        .addMethod(
          getUnbindMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              ovo.payments.v1.UnbindRequest,
              ovo.payments.v1.UnbindResponse>(
                service, METHODID_UNBIND)))
        .addMethod(
          getBalanceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              ovo.payments.v1.BalanceRequest,
              ovo.payments.v1.BalanceResponse>(
                service, METHODID_BALANCE)))
        .addMethod(
          getPayMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              ovo.payments.v1.PayRequest,
              ovo.payments.v1.PayResponse>(
                service, METHODID_PAY)))
        .addMethod(
          getChargeMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              ovo.payments.v1.ChargeRequest,
              ovo.payments.v1.ChargeResponse>(
                service, METHODID_CHARGE)))
        .addMethod(
          getRefundMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              ovo.payments.v1.RefundRequest,
              ovo.payments.v1.RefundResponse>(
                service, METHODID_REFUND)))
        .addMethod(
          getGetStatusMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              ovo.payments.v1.GetStatusRequest,
              ovo.payments.v1.GetStatusResponse>(
                service, METHODID_GET_STATUS)))
        .addMethod(
          getWatchPaymentMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              ovo.payments.v1.WatchPaymentRequest,
              ovo.payments.v1.WatchPaymentResponse>(
                service, METHODID_WATCH_PAYMENT)))
        .addMethod(
          getWatchPaymentsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              ovo.payments.v1.WatchPaymentsRequest,
              ovo.payments.v1.WatchPaymentsResponse>(
                service, METHODID_WATCH_PAYMENTS)))
        .build();
  }

  private static abstract class OvoPaymentsBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    OvoPaymentsBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return ovo.payments.v1.OvoPaymentsProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("OvoPayments");
    }
  }

  private static final class OvoPaymentsFileDescriptorSupplier
      extends OvoPaymentsBaseDescriptorSupplier {
    OvoPaymentsFileDescriptorSupplier() {}
  }

  private static final class OvoPaymentsMethodDescriptorSupplier
      extends OvoPaymentsBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    OvoPaymentsMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (OvoPaymentsGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new OvoPaymentsFileDescriptorSupplier())
              .addMethod(getBindMethod())
              .addMethod(getUnbindMethod())
              .addMethod(getBalanceMethod())
              .addMethod(getPayMethod())
              .addMethod(getChargeMethod())
              .addMethod(getRefundMethod())
              .addMethod(getGetStatusMethod())
              .addMethod(getWatchPaymentMethod())
              .addMethod(getWatchPaymentsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
