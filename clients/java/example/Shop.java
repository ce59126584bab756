import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import ovo.payments.client.Backoff;
import ovo.payments.client.Connecting;
import ovo.payments.client.FieldViolation;
import ovo.payments.client.OvoPaymentsClient;
import ovo.payments.client.OvoPaymentsException;
import ovo.payments.client.Watch;
import ovo.payments.v1.BalanceRequest;
import ovo.payments.v1.BindRequest;
import ovo.payments.v1.Binding;
import ovo.payments.v1.ChargeRequest;
import ovo.payments.v1.GetStatusRequest;
import ovo.payments.v1.PayRequest;
import ovo.payments.v1.Payment;
import ovo.payments.v1.RefundRequest;
import ovo.payments.v1.UnbindRequest;

/**
 * Charges a phone, links a wallet, pays with it, returns the money, and watches each payment to its end.
 *
 * <p>{@code mvn -q test-compile exec:java -Dexec.args=127.0.0.1:50051}
 *
 * <p>OVOPAY_TLS_CA names an authority's file for TLS, OVOPAY_TOKEN is the caller's token.
 */
public final class Shop {
  private final OvoPaymentsClient client;

  private Shop(OvoPaymentsClient client) {
    this.client = client;
  }

  public static void main(String[] arguments) throws InterruptedException, IOException {
    String target = arguments.length > 0 ? arguments[0] : "127.0.0.1:50051";
    Backoff backoff = Backoff.DEFAULT.withOnInterruption(error -> System.out.println("  interrupted: " + error.code()));
    Connecting connecting = OvoPaymentsClient.to(target).backoff(backoff);
    String authority = System.getenv("OVOPAY_TLS_CA");
    if (authority != null) {
      connecting.tls(new File(authority));
    }
    String token = System.getenv("OVOPAY_TOKEN");
    if (token != null) {
      connecting.token(token);
    }
    try (OvoPaymentsClient client = connecting.connect()) {
      new Shop(client).story();
    }
  }

  private void story() throws InterruptedException {
    // An id is made with the decision, and stored before the call: the same id never pays twice.
    String run = UUID.randomUUID().toString().substring(0, 18);
    ChargeRequest charge =
        ChargeRequest.newBuilder()
            .setRequestId("charge-" + run)
            .setOrderId("order-" + run)
            .setPhoneNumber("081234567890")
            .setAmount(OvoPaymentsClient.rupiah(15_000))
            .build();
    Payment charged = client.charge(charge).getPayment();
    System.out.println("Charge: is taken");
    watch(charged);

    ChargeRequest again = charge.toBuilder().setRequestId("charge-again-" + run).build();
    refused("Charge of a paid order", () -> client.charge(again));
    ChargeRequest nothing =
        ChargeRequest.newBuilder().setRequestId("nothing-" + run).setAmount(OvoPaymentsClient.rupiah(0)).build();
    refused("Charge of nothing", () -> client.charge(nothing));

    Binding bound =
        client
            .bind(
                BindRequest.newBuilder()
                    .setRequestId("bind-" + run)
                    .setCustomerId("ani-" + run)
                    .setPhoneNumber("081298765432")
                    .setSuccessUrl("https://shop.example/linked")
                    .setFailureUrl("https://shop.example/not-linked")
                    .build())
            .getBinding();
    System.out.println("Bind: is taken");
    Binding binding = linked(bound);
    System.out.println("GetStatus: " + word(binding.getState()));
    String bindingId = binding.getBindingId();
    BalanceRequest holds = BalanceRequest.newBuilder().setBindingId(bindingId).build();
    System.out.println("Balance: " + client.balance(holds).getBalancesCount() + " kinds of money");

    Payment paid =
        client
            .pay(
                PayRequest.newBuilder()
                    .setRequestId("pay-" + run)
                    .setOrderId("monthly-" + run)
                    .setBindingId(bindingId)
                    .setAmount(OvoPaymentsClient.rupiah(49_000))
                    .setMerchantInitiated(true)
                    .build())
            .getPayment();
    System.out.println("Pay: is taken");
    watch(paid);
    RefundRequest refund =
        RefundRequest.newBuilder()
            .setRequestId("refund-" + run)
            .setPaymentId(paid.getPaymentId())
            .setReason("wrong size")
            .build();
    client.refund(refund);
    System.out.println("Refund: is taken");
    UnbindRequest unbind = UnbindRequest.newBuilder().setBindingId(bindingId).build();
    System.out.println("Unbind: " + word(client.unbind(unbind).getBinding().getState()));
  }

  /** Prints each version of a payment, from its first to its last. */
  private void watch(Payment payment) {
    try (Watch<Payment> watch = client.watch(OvoPaymentsClient.watchOf(payment.getPaymentId()))) {
      for (Payment seen : watch) {
        System.out.println("  version " + seen.getVersion() + ": " + word(seen.getState()));
      }
    }
  }

  /** Waits until the customer has finished on the provider's page. */
  private Binding linked(Binding begun) throws InterruptedException {
    Binding binding = begun;
    String page = "";
    while (binding.getState() == Binding.State.STATE_PENDING) {
      // A repeated call may answer before the first one knows the page.
      if (page.isEmpty() && !binding.getRedirectUrl().isEmpty()) {
        page = binding.getRedirectUrl();
        System.out.println("Open " + page);
      }
      TimeUnit.MILLISECONDS.sleep(500);
      GetStatusRequest asked = GetStatusRequest.newBuilder().setBindingId(binding.getBindingId()).build();
      binding = client.getStatus(asked).getBinding();
    }
    return binding;
  }

  /** Prints why a call was refused. */
  private static void refused(String what, Runnable call) {
    try {
      call.run();
      throw new IllegalStateException(what + ": it was taken");
    } catch (OvoPaymentsException error) {
      List<String> fields = error.fieldViolations().stream().map(FieldViolation::field).toList();
      String words = Stream.concat(Stream.of(error.reason()), fields.stream()).collect(Collectors.joining(" "));
      System.out.println(what + ": " + words + ", retryable: " + error.isRetryable());
    }
  }

  private static String word(Enum<?> state) {
    return state.name().replaceFirst("^STATE_", "");
  }
}
