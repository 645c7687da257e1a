using System.Globalization;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Scenarios;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Faults;

/// <summary>Callers who ask for 16 MiB and take the answer a byte at a time: others must not notice, and they get the right bits when they hurry up.</summary>
internal static class SlowConsumers
{
    private const string What = "slow consumers";
    private const int Slow = 8;
    private const int Elements = 1 << 22;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<FaultResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        var duration = settings.Time(20, 2);
        await using var node = await NodeProcess.StartAsync("slow").ConfigureAwait(false);
        using var caller = await HttpCaller.CreateAsync(node.Address, 1 << 10, Patience, cancellationToken).ConfigureAwait(false);

        // With large buffers the system would take the whole answer off the node's hands.
        using var slowCaller = await HttpCaller.CreateAsync(node.Address, Elements, Patience, cancellationToken, receiveBuffer: 1 << 14).ConfigureAwait(false);
        var before = await ClosedLoop.RunAsync(settings.WarmUp, settings.Probe, request => caller.CallAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
        var (hurry, begun) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new CountdownEvent(Slow));
        var slow = Storm.RunAsync(Slow, Patience, request => slowCaller.CallAsync(request, stream => new ReluctantStream(stream, begun.Signal, hurry.Task), cancellationToken), cancellationToken);
        LoadResult others;
        int stillReading;
        try
        {
            await Task.WhenAny(Task.Run(() => begun.Wait(Patience), cancellationToken), slow).ConfigureAwait(false);
            var loop = new OpenLoop(2_000, Patience, text => settings.Tick($"{What}: {text}"));
            others = await loop.RunAsync(50, TimeSpan.Zero, duration, request => caller.CallAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
            stillReading = slow.IsCompleted ? 0 : Slow;
        }
        finally
        {
            hurry.SetResult();
        }

        var late = await slow.ConfigureAwait(false);
        List<string> failures = [];
        if (stillReading == 0)
        {
            failures.Add($"{What}: none of them was still reading at the end, so nothing was tested");
        }

        if (others.Tally.Errors > 0)
        {
            failures.Add($"{What}: {others.Tally.Errors} of {others.Tally.Sent} requests of others failed: {string.Join("; ", others.Problems)}");
        }

        return new FaultResult(
            [new Series($"{What}, the others", [others]) { Alone = before }, new Series(What, [late])],
            [string.Create(CultureInfo.InvariantCulture, $"{What}: {Slow} answers of {Elements >> 18} MiB read a byte at a time for {duration.TotalSeconds:0.#} s: {late.Tally.Right} right, {late.Tally.Errors} errors; the others {others.Tally.Right} right, p99 {others.Latency.Quantile(0.99) / 1e6:0.##} ms")],
            failures);
    }

    /// <summary>Gives a byte every 20 ms until it is told to hurry.</summary>
    private sealed class ReluctantStream(Stream inner, Func<bool> begun, Task hurry) : Stream
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
        private bool _hasBegun;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_hasBegun)
            {
                _hasBegun = true;
                begun();
            }

            if (hurry.IsCompleted)
            {
                return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }

            await Task.WhenAny(hurry, Task.Delay(Pause, cancellationToken)).ConfigureAwait(false); // being slow is the fault
            return await inner.ReadAsync(buffer.Length > 1 ? buffer[..1] : buffer, cancellationToken).ConfigureAwait(false);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("answers are read asynchronously");

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
