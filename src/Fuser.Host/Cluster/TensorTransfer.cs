using System.Security.Cryptography;
using Fuser.Host.Cluster.Wire;
using Fuser.Host.Configuration;
using Fuser.Host.Npz;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;
using Google.Protobuf;

namespace Fuser.Host.Cluster;

/// <summary>Elements of arrays into and out of messages: in the message where they are few, else held here and fetched by whoever needs them.</summary>
/// <param name="url">Where others reach this process, such as http://10.0.0.5:5080; asked for when an array is held.</param>
internal sealed class TensorTransfer(ClusterOptions options, HeldArrays held, HttpClient client, Func<string> url)
{
    /// <summary>The path at which arrays are fetched, followed by the hash.</summary>
    public const string Path = "/v1/arrays/";

    /// <summary>A client that takes as long as whoever waits for an array does.</summary>
    public static HttpClient CreateClient() => new() { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>A tensor with its elements, or a reference to them.</summary>
    /// <param name="hold">Told of every array that is held, to take it back in time; null leaves that to time.</param>
    /// <exception cref="HostException">There is no room to hold it.</exception>
    public Tensor Pack(NdArray array, Action<byte[]>? hold = null)
    {
        var tensor = WireFormat.Describe(array);
        var packed = array.Layout.IsContiguous ? array : array.Packed();
        var length = packed.ElementCount * packed.DType.ItemSize();
        if (length <= options.MaxInlineBytes)
        {
            tensor.Inline = length == 0 ? ByteString.Empty : ByteString.CopyFrom(ArrayBytes.Of(packed, 0, (int)length).Span);
            return tensor;
        }

        var hash = held.Hold(packed);
        hold?.Invoke(hash);
        tensor.Reference = new Reference { Sha256 = ByteString.CopyFrom(hash), Length = length, Url = $"{url()}{Path}{Convert.ToHexStringLower(hash)}" };
        return tensor;
    }

    /// <summary>The array of a tensor; its elements are fetched where they are not there.</summary>
    /// <param name="claim">Called with its size before memory is taken; throws when there shall be no more.</param>
    /// <exception cref="HostException">It is malformed, or cannot be fetched.</exception>
    public async Task<NdArray> UnpackAsync(Tensor tensor, Action<long> claim, CancellationToken cancellationToken)
    {
        var (dtype, shape, bytes) = WireFormat.Read(tensor);
        var sent = tensor.ElementsCase == Tensor.ElementsOneofCase.Reference ? tensor.Reference.Length : tensor.Inline.Length;
        if (sent != bytes)
        {
            throw WireFormat.Malformed($"a tensor of {dtype.DisplayName()} and shape [{string.Join(", ", shape)}] has {bytes} bytes, got {sent}");
        }

        claim(bytes);
        var array = NdArray.Allocate(dtype, shape);
        if (tensor.ElementsCase == Tensor.ElementsOneofCase.Reference)
        {
            await FetchAsync(tensor.Reference, array, cancellationToken).ConfigureAwait(false);
        }
        else if (bytes > 0)
        {
            tensor.Inline.Span.CopyTo(ArrayBytes.Of(array, 0, (int)bytes).Span);
        }

        return array;
    }

    /// <summary>Tells whoever holds a tensor's elements that they were fetched. If it does not hear, time lets go of them.</summary>
    public void GiveBack(Tensor tensor)
    {
        if (tensor.ElementsCase == Tensor.ElementsOneofCase.Reference)
        {
            _ = ReleaseAsync(new Uri(tensor.Reference.Url));
        }

        async Task ReleaseAsync(Uri address)
        {
            try
            {
                using var response = await client.DeleteAsync(address).ConfigureAwait(false);
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // Nobody waits for this.
            }
        }
    }

    private async Task FetchAsync(Reference reference, NdArray array, CancellationToken cancellationToken)
    {
        var key = Convert.ToHexStringLower(reference.Sha256.Span);
        if (!Uri.TryCreate(reference.Url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.AbsolutePath != Path + key)
        {
            throw WireFormat.Malformed("an array shall be fetched from an address that is no http://HOST:PORT/v1/arrays/HASH");
        }

        try
        {
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var piece in HeldArrays.Pieces(array, reference.Length))
            {
                await body.ReadExactlyAsync(piece, cancellationToken).ConfigureAwait(false);
                hash.AppendData(piece.Span);
            }

            if (!hash.GetHashAndReset().AsSpan().SequenceEqual(reference.Sha256.Span))
            {
                throw new HostException(ErrorCodes.ClusterTransfer, $"the array fetched from {address.GetLeftPart(UriPartial.Authority)} is not the one that was announced. Send the request again.");
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new HostException(
                ErrorCodes.ClusterTransfer,
                $"an array of {reference.Length} bytes cannot be fetched from {address.GetLeftPart(UriPartial.Authority)}: {error.Message} Its owner must be reachable from here; see fuser.cluster.advertise-url.",
                error);
        }
    }
}
