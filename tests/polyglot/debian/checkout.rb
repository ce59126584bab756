# A checkout by Debian's Ruby and gRPC, with nothing of ours but the descriptor set.

require "grpc"
require "google/protobuf/descriptor_pb"
require "google/protobuf/well_known_types"
require "google/rpc/error_details_pb"
require "securerandom"

# Google's own types come with the library.
POOL = Google::Protobuf::DescriptorPool.generated_pool
DESCRIPTORS = File.expand_path("../../../generated/ovo_payments.binpb", __dir__)
Google::Protobuf::FileDescriptorSet.decode(File.binread(DESCRIPTORS)).file.each do |file|
  next if file.name.start_with?("google/protobuf/")

  POOL.add_serialized_file(Google::Protobuf::FileDescriptorProto.encode(file))
  # A message is read once its parts have their classes.
  file.message_type.each { |message| POOL.lookup("#{file.package}.#{message.name}").msgclass }
end

def message(name)
  POOL.lookup(name).msgclass
end

ChargeRequest = message("ovo.payments.v1.ChargeRequest")
WatchPaymentRequest = message("ovo.payments.v1.WatchPaymentRequest")
Money = message("google.type.Money")

# The methods that a checkout calls.
class OvoPayments
  include GRPC::GenericService
  self.service_name = "ovo.payments.v1.OvoPayments"
  self.marshal_class_method = :encode
  self.unmarshal_class_method = :decode
  rpc :Charge, ChargeRequest, message("ovo.payments.v1.ChargeResponse")
  rpc :WatchPayment, WatchPaymentRequest, stream(message("ovo.payments.v1.WatchPaymentResponse"))
end

# The service's word for why it refused a call; none where no answer of it came.
def reason(error)
  details = error.to_rpc_status&.details.to_a
  info = details.find { |detail| detail.is(Google::Rpc::ErrorInfo) }
  info&.unpack(Google::Rpc::ErrorInfo)&.reason
end

# Every call may be repeated: it carries a request id, or it reads.
def while_unavailable
  yield
rescue GRPC::Unavailable
  puts "  interrupted: UNAVAILABLE"
  sleep 0.2
  retry
end

# Prints each version of a payment once, over broken connections, and gives the last.
def watch(stub, payment_id)
  last = nil
  while_unavailable do
    request = WatchPaymentRequest.new(payment_id: payment_id, after_version: last&.version || 0)
    stub.watch_payment(request).each do |event|
      next unless event.payment

      last = event.payment
      puts "  version #{last.version}: #{last.state.to_s.delete_prefix('STATE_')}"
    end
  end
  last
end

stub = OvoPayments.rpc_stub_class.new(ENV.fetch("OVOPAY_SERVER"), :this_channel_is_insecure)
# Both ids are made when the customer decides, and stored before the call.
order = ChargeRequest.new(
  request_id: SecureRandom.uuid, order_id: "order-#{SecureRandom.uuid}", phone_number: ARGV.fetch(0),
  amount: Money.new(currency_code: "IDR", units: 15_000)
)
begin
  while_unavailable { stub.charge(ChargeRequest.new, deadline: Time.now + 30) }
rescue GRPC::BadStatus => e
  puts "Charge of nothing: #{reason(e)}"
end
charged = while_unavailable { stub.charge(order, deadline: Time.now + 30) }
puts "Charge: is taken"
last = watch(stub, charged.payment.payment_id)
why = last.failure&.reason.to_s.delete_prefix("FAILURE_REASON_")
puts last.state == :STATE_SUCCEEDED ? "paid" : "not paid: #{why}"
