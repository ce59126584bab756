package ovo.payments.client;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import ovo.payments.v1.ChargeRequest;
import ovo.payments.v1.ChargeResponse;
import ovo.payments.v1.OvoPaymentsGrpc;
import ovo.payments.v1.Payment;
import ovo.payments.v1.WatchPaymentRequest;
import ovo.payments.v1.WatchPaymentResponse;
import ovo.payments.v1.WatchPaymentsRequest;
import ovo.payments.v1.WatchPaymentsResponse;

/** A real server on a real socket, which answers as a test says. */
final class Service extends OvoPaymentsGrpc.OvoPaymentsImplBase implements AutoCloseable {
  BiConsumer<ChargeRequest, StreamObserver<ChargeResponse>> charge = (request, answer) -> answered(answer);
  BiConsumer<WatchPaymentRequest, StreamObserver<WatchPaymentResponse>> watch;
  BiConsumer<WatchPaymentsRequest, StreamObserver<WatchPaymentsResponse>> all;

  /** Answers every call of any method, where set. */
  Supplier<Status> refusing;

  /** Who called, as the metadata names them. */
  final List<String> callers = new CopyOnWriteArrayList<>();

  private final Server server;

  Service() throws IOException {
    this(InsecureServerCredentials.create());
  }

  Service(ServerCredentials credentials) throws IOException {
    server = Grpc.newServerBuilderForPort(0, credentials).addService(this).intercept(new Callers()).build().start();
  }

  String target() {
    return "127.0.0.1:" + server.getPort();
  }

  static void answered(StreamObserver<ChargeResponse> answer) {
    answer.onNext(ChargeResponse.getDefaultInstance());
    answer.onCompleted();
  }

  static WatchPaymentResponse version(long number) {
    return WatchPaymentResponse.newBuilder().setPayment(Payment.newBuilder().setVersion(number)).build();
  }

  @Override
  public void charge(ChargeRequest request, StreamObserver<ChargeResponse> answer) {
    charge.accept(request, answer);
  }

  @Override
  public void watchPayment(WatchPaymentRequest request, StreamObserver<WatchPaymentResponse> answer) {
    watch.accept(request, answer);
  }

  @Override
  public void watchPayments(WatchPaymentsRequest request, StreamObserver<WatchPaymentsResponse> answer) {
    all.accept(request, answer);
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private final class Callers implements ServerInterceptor {
    @Override
    public <I, O> ServerCall.Listener<I> interceptCall(
        ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
      String caller = headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER));
      if (caller != null) {
        callers.add(caller);
      }
      if (refusing != null) {
        call.close(refusing.get(), new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return Contexts.interceptCall(Context.current(), call, headers, next);
    }
  }
}
