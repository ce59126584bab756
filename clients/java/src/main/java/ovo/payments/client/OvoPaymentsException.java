package ovo.payments.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A call that did not get its answer. Decide by {@link #isRetryable} and {@link #reason}, never by the text.
 *
 * <p>That a payment failed is no error: the call was answered, and the payment's failure says why.
 */
public final class OvoPaymentsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  // What the service, and nobody on the way, writes into its ErrorInfo and its trailers.
  private static final String DOMAIN = "ovo.payments";
  private static final Metadata.Key<String> CALL_ID =
      Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

  private static final Set<String> RETRYABLE_REASONS =
      Set.of("PROVIDER_UNAVAILABLE", "RATE_LIMITED", "STREAM_INTERRUPTED", "STORE_UNAVAILABLE", "DEADLINE_TOO_SHORT");
  private static final Set<Status.Code> LOST_ANSWERS =
      Set.of(
          Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED, Status.Code.CANCELLED, Status.Code.ABORTED);

  private final transient Status status;
  private final boolean served;
  private String reason = "";
  private transient Map<String, String> metadata = Map.of();
  private transient List<FieldViolation> fieldViolations = List.of();
  private Duration retryDelay = Duration.ZERO;

  /** Reads gRPC's error, never its text. */
  OvoPaymentsException(StatusRuntimeException cause) {
    super(cause);
    status = cause.getStatus();
    served = cause.getTrailers() != null && cause.getTrailers().containsKey(CALL_ID);
    try {
      com.google.rpc.Status told = StatusProto.fromThrowable(cause);
      for (Any detail : told == null ? List.<Any>of() : told.getDetailsList()) {
        read(detail);
      }
    } catch (IllegalArgumentException | InvalidProtocolBufferException broken) {
      // Whoever wrote these bytes, the code and the message still stand beside them.
      addSuppressed(broken);
    }
  }

  /**
   * The service's word, as in docs/errors.md, for example ORDER_ALREADY_PAID. It is empty where no answer of the
   * service came: money may have moved, and only the same request id may repeat the call.
   */
  public String reason() {
    return reason;
  }

  /** gRPC's status. */
  public Status.Code code() {
    return status.getCode();
  }

  /** The facts that the reason's page names, for example payment_id. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Each wrong field, with the reason INVALID_REQUEST. */
  public List<FieldViolation> fieldViolations() {
    return fieldViolations;
  }

  /** How long the service asks to wait, where it does. */
  public Duration retryDelay() {
    return retryDelay;
  }

  /** Tells whether the same call, with the same request id, may succeed later. */
  public boolean isRetryable() {
    if (RETRYABLE_REASONS.contains(reason) || LOST_ANSWERS.contains(code())) {
      return true;
    }
    // Without a reason it was made on the way. INTERNAL of a call that reached the service is a fault of its own, and
    // not a stream that something on the way has reset. RESOURCE_EXHAUSTED is a message that is too big for somebody
    // on the way; with a reason it is a word that only a newer service knows.
    return reason.isEmpty()
        ? code() == Status.Code.INTERNAL && !served
        : code() == Status.Code.RESOURCE_EXHAUSTED;
  }

  @Override
  public String getMessage() {
    String word = reason.isEmpty() ? code().name() : reason;
    return Stream.of(
            Stream.ofNullable(status.getDescription()),
            whyNoConnection(),
            fieldViolations.stream().map(wrong -> wrong.field() + ": " + wrong.description()))
        .flatMap(parts -> parts)
        .collect(Collectors.joining("; ", word + ": ", ""));
  }

  /** Where no connection was made gRPC says "io exception", and the innermost cause what is wrong. */
  private Stream<String> whyNoConnection() {
    Throwable innermost = status.getCause();
    while (innermost != null && innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    return Stream.ofNullable(innermost).map(Throwable::getMessage);
  }

  private void read(Any detail) throws InvalidProtocolBufferException {
    if (detail.is(ErrorInfo.class)) {
      ErrorInfo info = detail.unpack(ErrorInfo.class);
      if (info.getDomain().equals(DOMAIN)) {
        reason = info.getReason();
        metadata = Map.copyOf(info.getMetadataMap());
      }
    } else if (detail.is(BadRequest.class)) {
      List<FieldViolation> wrong = new ArrayList<>();
      for (BadRequest.FieldViolation violation : detail.unpack(BadRequest.class).getFieldViolationsList()) {
        wrong.add(new FieldViolation(violation.getField(), violation.getDescription()));
      }
      fieldViolations = List.copyOf(wrong);
    } else if (detail.is(RetryInfo.class)) {
      com.google.protobuf.Duration delay = detail.unpack(RetryInfo.class).getRetryDelay();
      retryDelay = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
    }
  }
}
