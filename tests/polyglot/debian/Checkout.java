import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.type.Money;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Iterator;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import ovo.payments.v1.ChargeRequest;
import ovo.payments.v1.OvoPaymentsGrpc;
import ovo.payments.v1.OvoPaymentsGrpc.OvoPaymentsBlockingStub;
import ovo.payments.v1.Payment;
import ovo.payments.v1.WatchPaymentRequest;
import ovo.payments.v1.WatchPaymentResponse;

/** A checkout by Debian's grpc-java, with messages that Debian's protoc made of the contract. */
public final class Checkout {
  private final OvoPaymentsBlockingStub stub;
  private Payment last = Payment.getDefaultInstance();

  private Checkout(OvoPaymentsBlockingStub stub) {
    this.stub = stub;
  }

  public static void main(String[] arguments) throws InvalidProtocolBufferException {
    ManagedChannel channel = ManagedChannelBuilder.forTarget(System.getenv("OVOPAY_SERVER")).usePlaintext().build();
    try {
      new Checkout(OvoPaymentsGrpc.newBlockingStub(channel)).take(arguments[0]);
    } finally {
      channel.shutdownNow();
    }
  }

  private void take(String phoneNumber) throws InvalidProtocolBufferException {
    try {
      charge(ChargeRequest.getDefaultInstance());
    } catch (StatusRuntimeException error) {
      System.out.println("Charge of nothing: " + reason(error));
    }
    // Both ids are made when the customer decides, and stored before the call.
    ChargeRequest order =
        ChargeRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setOrderId("order-" + UUID.randomUUID())
            .setPhoneNumber(phoneNumber)
            .setAmount(Money.newBuilder().setCurrencyCode("IDR").setUnits(15_000))
            .build();
    String paymentId = charge(order).getPaymentId();
    System.out.println("Charge: is taken");
    whileUnavailable(() -> watch(paymentId));
    String why = last.getFailure().getReason().name().replaceFirst("^FAILURE_REASON_", "");
    System.out.println(last.getState() == Payment.State.STATE_SUCCEEDED ? "paid" : "not paid: " + why);
  }

  private Payment charge(ChargeRequest order) {
    return whileUnavailable(() -> stub.withDeadlineAfter(30, TimeUnit.SECONDS).charge(order)).getPayment();
  }

  /** Prints each version once, after the last that was seen. */
  private Payment watch(String paymentId) {
    WatchPaymentRequest request =
        WatchPaymentRequest.newBuilder().setPaymentId(paymentId).setAfterVersion(last.getVersion()).build();
    for (Iterator<WatchPaymentResponse> events = stub.watchPayment(request); events.hasNext(); ) {
      WatchPaymentResponse event = events.next();
      if (event.hasPayment()) {
        last = event.getPayment();
        String state = last.getState().name().replaceFirst("^STATE_", "");
        System.out.println("  version " + last.getVersion() + ": " + state);
      }
    }
    return last;
  }

  /** Every call may be repeated: it carries a request id, or it reads. */
  private static <T> T whileUnavailable(Supplier<T> call) {
    while (true) {
      try {
        return call.get();
      } catch (StatusRuntimeException error) {
        if (error.getStatus().getCode() != Status.Code.UNAVAILABLE) {
          throw error;
        }
        System.out.println("  interrupted: UNAVAILABLE");
        // A channel that lost its connection refuses at once for a while.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
      }
    }
  }

  /** The service's word for why it refused a call. */
  private static String reason(StatusRuntimeException error) throws InvalidProtocolBufferException {
    for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        return detail.unpack(ErrorInfo.class).getReason();
      }
    }
    return "";
  }
}
