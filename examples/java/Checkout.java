import java.util.Optional;
import java.util.UUID;
import ovo.payments.client.OvoPaymentsClient;
import ovo.payments.client.OvoPaymentsException;
import ovo.payments.client.Watch;
import ovo.payments.v1.ChargeRequest;
import ovo.payments.v1.Payment;

/** A checkout: takes an order's money by a push to the customer's OVO app, or says why not. */
public final class Checkout {
  private Checkout() {}

  public static void main(String[] arguments) {
    String target = Optional.ofNullable(System.getenv("OVOPAY_SERVER")).orElse("127.0.0.1:50051");
    // Both ids are made when the customer decides, and stored before the call.
    ChargeRequest order =
        ChargeRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setOrderId("order-" + UUID.randomUUID())
            .setPhoneNumber(arguments[0])
            .setAmount(OvoPaymentsClient.rupiah(15_000))
            .build();
    try (OvoPaymentsClient client = OvoPaymentsClient.to(target).connect()) {
      System.out.println(checkout(client, order));
    }
  }

  /** Takes the money of one order. */
  private static String checkout(OvoPaymentsClient client, ChargeRequest order) {
    String paymentId;
    try {
      paymentId = client.charge(order).getPayment().getPaymentId();
    } catch (OvoPaymentsException error) {
      if (!error.reason().equals("ORDER_ALREADY_PAID")) {
        // With the same request id; or repeating it would change nothing.
        return error.isRetryable() ? "later" : "no: " + error.reason();
      }
      paymentId = error.metadata().get("payment_id"); // Somebody was here before: follow that payment.
    }
    Payment last = Payment.getDefaultInstance();
    try (Watch<Payment> watch = client.watch(OvoPaymentsClient.watchOf(paymentId))) {
      for (Payment payment : watch) {
        String state = payment.getState().name().replaceFirst("^STATE_", "");
        System.out.println("version " + payment.getVersion() + ": " + state);
        last = payment;
      }
    }
    if (last.getState() == Payment.State.STATE_SUCCEEDED) {
      return "paid";
    }
    return "not paid: " + last.getFailure().getReason().name().replaceFirst("^FAILURE_REASON_", "");
  }
}
