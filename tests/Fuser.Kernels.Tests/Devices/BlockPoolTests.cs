using System.Diagnostics.Metrics;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices;

public sealed unsafe class BlockPoolTests : IDisposable
{
    private const long Limit = 1 << 20;

    private readonly HandTime _time = new();
    private readonly BlockPool _pool;
    private bool _isShort;

    public BlockPoolTests() => _pool = new BlockPool(Limit, _time, () => _isShort);

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void A_block_given_back_is_taken_again()
    {
        var first = (nint)_pool.Take(70_000);
        (_pool.UsedBytes, _pool.KeptBytes).ShouldBe((81_920, 0));
        _pool.GiveBack((byte*)first, 70_000);
        (_pool.UsedBytes, _pool.KeptBytes).ShouldBe((0, 81_920));
        var second = (nint)_pool.Take(80_000);
        second.ShouldBe(first, "both sizes are rounded up to the same");
        _pool.GiveBack((byte*)second, 80_000);
    }

    [Fact]
    public void Sizes_are_four_to_an_octave_and_blocks_are_aligned()
    {
        BlockPool.SizeOf(1).ShouldBe(4096);
        BlockPool.SizeOf(4096).ShouldBe(4096);
        BlockPool.SizeOf(4097).ShouldBe(5120);
        BlockPool.SizeOf(8192).ShouldBe(8192);
        BlockPool.SizeOf(8193).ShouldBe(10_240);
        BlockPool.SizeOf(long.MaxValue).ShouldBe(long.MaxValue);
        for (long bytes = 1; bytes < Limit; bytes = (bytes * 9 / 8) + 1)
        {
            BlockPool.SizeOf(bytes).ShouldBeInRange(bytes, Math.Max(4096, bytes * 5 / 4));
            var block = _pool.Take(bytes);
            ((nint)block % MemorySizes.CacheLine).ShouldBe(0);
            new Span<byte>(block, (int)bytes).Fill(1);
            var held = _pool.KeptBytes;
            _pool.GiveBack(block, bytes);
            (_pool.KeptBytes - held).ShouldBeOneOf(BlockPool.SizeOf(bytes), 0);
        }
    }

    [Fact]
    public void No_more_than_the_limit_is_kept()
    {
        var blocks = Enumerable.Range(0, 3).Select(_ => (nint)_pool.Take(Limit / 2)).ToList();
        blocks.ForEach(block => _pool.GiveBack((byte*)block, Limit / 2));
        (_pool.UsedBytes, _pool.KeptBytes).ShouldBe((0, Limit));
        var large = _pool.Take(Limit + 1);
        _pool.UsedBytes.ShouldBe(Limit + 1);
        _pool.GiveBack(large, Limit + 1);
        (_pool.UsedBytes, _pool.KeptBytes).ShouldBe((0, Limit));
    }

    [Fact]
    public void What_is_not_used_for_a_while_goes_back_to_the_system()
    {
        _pool.GiveBack(_pool.Take(5000), 5000);
        _pool.GiveBack(_pool.Take(50_000), 50_000);
        _time.Fire();
        _pool.KeptBytes.ShouldBeGreaterThan(0, "it may have been given back just before");
        _pool.GiveBack(_pool.Take(5000), 5000);
        _time.Fire();
        _pool.KeptBytes.ShouldBe(BlockPool.SizeOf(5000), "the other was used in between");
        _time.Fire();
        _pool.KeptBytes.ShouldBe(0);
        _time.IsSet.ShouldBeFalse("nothing is left to look after");
        _pool.GiveBack(_pool.Take(5000), 5000);
        _time.IsSet.ShouldBeTrue();
    }

    [Fact]
    public void Short_memory_empties_the_pool_and_keeps_it_empty_until_there_is_more()
    {
        _pool.GiveBack(_pool.Take(5000), 5000);
        _isShort = true;
        _time.Fire();
        _pool.KeptBytes.ShouldBe(0);
        _pool.GiveBack(_pool.Take(5000), 5000);
        _pool.KeptBytes.ShouldBe(0);
        _isShort = false;
        _time.Fire();
        _pool.GiveBack(_pool.Take(5000), 5000);
        _pool.KeptBytes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Threads_that_take_and_give_back_at_once_never_share_a_block()
    {
        var clashes = 0;
        void Use(int thread)
        {
            var random = new Random(thread);
            for (var i = 0; i < 20_000; i++)
            {
                var bytes = 4096 + random.Next(3 * 4096);
                var block = (int*)_pool.Take(bytes);
                (block[0], block[1]) = (thread, i);
                if (i % 64 == 0)
                {
                    Thread.Yield();
                }

                clashes += (block[0], block[1]) == (thread, i) ? 0 : 1;
                _pool.GiveBack((byte*)block, bytes);
                if (thread == 0 && i % 100 == 0)
                {
                    _time.Fire();
                }
            }
        }

        var threads = Enumerable.Range(0, 4).Select(thread => new Thread(() => Use(thread))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        (clashes, _pool.UsedBytes).ShouldBe((0, 0));
        _pool.KeptBytes.ShouldBeInRange(0, Limit);
    }

    [Fact]
    public void The_meter_shows_what_is_kept_and_used()
    {
        var seen = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "fuser.memory")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        var block = CallMemory.Take(CallMemory.Shared, 1 << 20);
        listener.RecordObservableInstruments();
        block.GiveBack();
        seen.Keys.Order().ShouldBe(["fuser.memory.kept", "fuser.memory.used"]);
        seen["fuser.memory.used"].ShouldBeGreaterThanOrEqualTo(1 << 20);
    }

    /// <summary>A clock with one timer, which goes off when it is told to.</summary>
    private sealed class HandTime : TimeProvider
    {
        private HandTimer? _timer;

        public bool IsSet => _timer!.IsSet;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _timer = new HandTimer(callback, state);

        public void Fire() => _timer!.Fire();

        private sealed class HandTimer(TimerCallback callback, object? state) : ITimer
        {
            public bool IsSet { get; private set; }

            public bool Change(TimeSpan dueTime, TimeSpan period) => IsSet = dueTime != Timeout.InfiniteTimeSpan;

            public void Fire()
            {
                IsSet = false;
                callback(state);
            }

            public void Dispose() => IsSet = false;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
