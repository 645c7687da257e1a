using System.Net;
using Fuser.Actors.TestKit;

namespace Fuser.Host.Tests.Http;

/// <summary>A body of which the second half is sent when the test says so.</summary>
internal sealed class HeldContent(byte[] bytes) : HttpContent
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HeldContent(ByteArrayContent content)
        : this(content.ReadAsByteArrayAsync().GetAwaiter().GetResult())
    {
    }

    public void Release() => _released.TrySetResult();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        await _released.Task.WaitAsync(cancellationToken);
        await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2), cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>Waits for what other threads do, without a clock.</summary>
internal static class Eventually
{
    public static async Task ShouldBeAsync(Func<bool> condition)
    {
        // The limit is there so that a test that fails ends.
        using var limit = new CancellationTokenSource(ActorTestKit.HangLimit);
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
