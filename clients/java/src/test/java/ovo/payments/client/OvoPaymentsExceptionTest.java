package ovo.payments.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import ovo.payments.v1.ChargeRequest;

class OvoPaymentsExceptionTest {
  /** A line of the table that the clients of all languages share. */
  static final class ErrorCase {
    String what;
    int status;
    String reason = "";
    String domain = "ovo.payments";
    @SerializedName("decoded_reason") String decodedReason;
    Map<String, String> metadata = Map.of();
    @SerializedName("field_violations") List<String> fieldViolations = List.of();
    @SerializedName("retry_delay_ms") long retryDelayMs;
    @SerializedName("call_id") boolean callId;
    boolean retryable;

    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<ErrorCase> cases() throws IOException {
    String table = Files.readString(Path.of("../../tests/polyglot/error_cases.json"));
    return Stream.of(new Gson().fromJson(table, ErrorCase[].class));
  }

  /** Every error has its reason, its facts and whether to repeat, as in every other language. */
  @ParameterizedTest
  @MethodSource("cases")
  void errorsAreDecoded(ErrorCase told) throws IOException {
    try (Service service = new Service();
        OvoPaymentsClient client = OvoPaymentsClient.to(service.target()).connect()) {
      service.charge = (request, answer) -> answer.onError(StatusProto.toStatusRuntimeException(refusal(told), trailers(told)));
      OvoPaymentsException error =
          assertThrows(OvoPaymentsException.class, () -> client.charge(ChargeRequest.getDefaultInstance()));
      assertEquals(told.status, error.code().value());
      assertEquals(told.decodedReason == null ? told.reason : told.decodedReason, error.reason());
      assertEquals(told.retryable, error.isRetryable());
      assertEquals(told.metadata, error.metadata());
      assertEquals(
          told.fieldViolations.stream().map(field -> new FieldViolation(field, "is wrong")).toList(),
          error.fieldViolations());
      assertEquals(told.retryDelayMs, error.retryDelay().toMillis());
      assertTrue(error.getMessage().contains(told.what), error.getMessage());
    }
  }

  /** Details that can't be read leave code and message. */
  @Test
  void brokenDetails() throws IOException {
    Metadata trailers = new Metadata();
    byte[] broken = {(byte) 0xff, (byte) 0xff, (byte) 0xff};
    trailers.put(Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER), broken);
    try (Service service = new Service();
        OvoPaymentsClient client = OvoPaymentsClient.to(service.target()).connect()) {
      service.charge = (request, answer) -> answer.onError(Status.NOT_FOUND.asRuntimeException(trailers));
      OvoPaymentsException error =
          assertThrows(OvoPaymentsException.class, () -> client.charge(ChargeRequest.getDefaultInstance()));
      assertEquals(Status.Code.NOT_FOUND, error.code());
      assertEquals("", error.reason());
    }
  }

  /** The status that the service, or somebody on the way, answers with. */
  private static com.google.rpc.Status refusal(ErrorCase told) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder().setCode(told.status).setMessage(told.what);
    if (!told.reason.isEmpty()) {
      ErrorInfo.Builder info = ErrorInfo.newBuilder().setReason(told.reason).setDomain(told.domain);
      status.addDetails(Any.pack(info.putAllMetadata(told.metadata).build()));
    }
    if (!told.fieldViolations.isEmpty()) {
      BadRequest.Builder wrong = BadRequest.newBuilder();
      told.fieldViolations.forEach(field -> wrong.addFieldViolationsBuilder().setField(field).setDescription("is wrong"));
      status.addDetails(Any.pack(wrong.build()));
    }
    if (told.retryDelayMs > 0) {
      status.addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(delay(told.retryDelayMs)).build()));
    }
    return status.build();
  }

  private static com.google.protobuf.Duration delay(long delayMs) {
    long nanos = delayMs % 1_000 * 1_000_000;
    return com.google.protobuf.Duration.newBuilder().setSeconds(delayMs / 1_000).setNanos((int) nanos).build();
  }

  private static Metadata trailers(ErrorCase told) {
    Metadata trailers = new Metadata();
    if (told.callId) {
      trailers.put(Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER), "call-1");
    }
    return trailers;
  }
}
