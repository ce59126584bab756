/**
 * Takes OVO wallet payments through an OvoPayments service.
 *
 * <pre>{@code
 * try (OvoPaymentsClient client = OvoPaymentsClient.to("127.0.0.1:50051").connect()) {
 *   ChargeResponse charged = client.charge(request);
 *   try (Watch<Payment> watch = client.watch(OvoPaymentsClient.watchOf(charged.getPayment().getPaymentId()))) {
 *     for (Payment version : watch) { … }
 *   }
 * }
 * }</pre>
 */
package ovo.payments.client;
