package ovo.payments.client;

import com.google.type.Money;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import ovo.payments.v1.BalanceRequest;
import ovo.payments.v1.BalanceResponse;
import ovo.payments.v1.BindRequest;
import ovo.payments.v1.BindResponse;
import ovo.payments.v1.ChargeRequest;
import ovo.payments.v1.ChargeResponse;
import ovo.payments.v1.GetStatusRequest;
import ovo.payments.v1.GetStatusResponse;
import ovo.payments.v1.OvoPaymentsGrpc;
import ovo.payments.v1.OvoPaymentsGrpc.OvoPaymentsBlockingStub;
import ovo.payments.v1.PayRequest;
import ovo.payments.v1.PayResponse;
import ovo.payments.v1.Payment;
import ovo.payments.v1.RefundRequest;
import ovo.payments.v1.RefundResponse;
import ovo.payments.v1.UnbindRequest;
import ovo.payments.v1.UnbindResponse;
import ovo.payments.v1.WatchPaymentRequest;
import ovo.payments.v1.WatchPaymentsRequest;
import ovo.payments.v1.WatchPaymentsResponse;

/**
 * Has a method for each RPC, and watches that go on over broken connections.
 *
 * <p>One client serves a whole program, and any thread. Every method throws {@link OvoPaymentsException}.
 */
public final class OvoPaymentsClient implements AutoCloseable {
  /** The client's own version, as its user agent tells it. */
  public static final String VERSION = "0.1.0";

  /** grpc-java waits up to two minutes before it tries a broken channel again, and nothing sets that lower. */
  private static final long RECONNECT_NANOS_MIN = TimeUnit.SECONDS.toNanos(1);

  private final ManagedChannel channel;
  private final OvoPaymentsBlockingStub stub;
  private final CallCredentials caller;
  private final Duration deadline;
  private final Backoff backoff;
  private final AtomicLong reconnectedNanos = new AtomicLong(System.nanoTime() - RECONNECT_NANOS_MIN);

  OvoPaymentsClient(ManagedChannel channel, CallCredentials caller, Duration deadline, Backoff backoff) {
    this.channel = channel;
    this.caller = caller;
    this.deadline = deadline;
    this.backoff = backoff;
    OvoPaymentsBlockingStub plain = OvoPaymentsGrpc.newBlockingStub(channel);
    stub = caller == null ? plain : plain.withCallCredentials(caller);
  }

  /** Begins to say how to connect to a service, for example at {@code 127.0.0.1:50051}. */
  public static Connecting to(String target) {
    return new Connecting(target);
  }

  /** An amount of whole rupiah. */
  public static Money rupiah(long amount) {
    return Money.newBuilder().setCurrencyCode("IDR").setUnits(amount).build();
  }

  /** Asks for a payment's whole history; set another {@code after_version} to begin later. */
  public static WatchPaymentRequest watchOf(String paymentId) {
    return WatchPaymentRequest.newBuilder().setPaymentId(paymentId).setAfterVersion(0).build();
  }

  /** Starts linking a customer's OVO account; the customer finishes at the binding's redirect URL. */
  public BindResponse bind(BindRequest request) {
    return call(OvoPaymentsBlockingStub::bind, request);
  }

  /** Unlinks an account; unlinking it again changes nothing. */
  public UnbindResponse unbind(UnbindRequest request) {
    return call(OvoPaymentsBlockingStub::unbind, request);
  }

  /** Reads what a linked account holds, from the provider, now. */
  public BalanceResponse balance(BalanceRequest request) {
    return call(OvoPaymentsBlockingStub::balance, request);
  }

  /** Debits a linked account. */
  public PayResponse pay(PayRequest request) {
    return call(OvoPaymentsBlockingStub::pay, request);
  }

  /** Sends a payment request to the OVO app of a phone number. */
  public ChargeResponse charge(ChargeRequest request) {
    return call(OvoPaymentsBlockingStub::charge, request);
  }

  /** Returns a succeeded payment's money to the customer. */
  public RefundResponse refund(RefundRequest request) {
    return call(OvoPaymentsBlockingStub::refund, request);
  }

  /** Reads a payment or a binding; with {@code refresh}, asks the provider first. */
  public GetStatusResponse getStatus(GetStatusRequest request) {
    return call(OvoPaymentsBlockingStub::getStatus, request);
  }

  /**
   * Gives each version of a payment once, in order, to the last; then the loop ends.
   *
   * <p>A connection that breaks is made anew from the last version seen, without end. Closing the watch never cancels
   * the payment.
   */
  public Watch<Payment> watch(WatchPaymentRequest request) {
    return new Watch<>(new PaymentPlace(request, this::begin), backoff);
  }

  /**
   * Gives every change of every payment of the caller, in one order, without end.
   *
   * <p>Each message has a cursor: store it with what you made of the message, and begin with it again.
   */
  public Watch<WatchPaymentsResponse> watchAll(WatchPaymentsRequest request) {
    return new Watch<>(new CursorPlace(request, this::begin), backoff);
  }

  /** Ends the connection, and every call that is on it. */
  @Override
  public void close() {
    channel.shutdownNow();
  }

  private <I, O> O call(BiFunction<OvoPaymentsBlockingStub, I, O> method, I request) {
    reconnect();
    try {
      return method.apply(stub.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS), request);
    } catch (StatusRuntimeException error) {
      throw new OvoPaymentsException(error);
    }
  }

  /** Gives each stream its stub. */
  private OvoPaymentsGrpc.OvoPaymentsStub begin() {
    reconnect();
    OvoPaymentsGrpc.OvoPaymentsStub plain = OvoPaymentsGrpc.newStub(channel);
    return caller == null ? plain : plain.withCallCredentials(caller);
  }

  /** Lets a broken channel try again now, once a second. */
  private void reconnect() {
    long now = System.nanoTime();
    long before = reconnectedNanos.get();
    if (now - before >= RECONNECT_NANOS_MIN && reconnectedNanos.compareAndSet(before, now)) {
      channel.resetConnectBackoff();
    }
  }
}
