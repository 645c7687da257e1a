using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Devices.Cuda;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>The stop-watch of a queue, and runs that are timed by it, on a driver that takes a millisecond for every kernel and every copy.</summary>
public sealed class DeviceTimerTests
{
    private static readonly string s_text = Programs.Text("x y", "%a = aten::mul(%x, %y); %b = aten::add(%a, %x, %i2)", "b");

    [Fact]
    public void Events_time_what_is_between_them_and_nothing_else()
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        var heap = new DeviceHeap(device.Name, device.Open());
        var (from, to) = (heap.Allocate(64), heap.Allocate(64));
        using (var queue = heap.Session.CreateQueue())
        using (var timer = queue.CreateTimer())
        {
            queue.Copy(from.Handle, to.Handle, 64);
            timer.Start();
            queue.Copy(from.Handle, to.Handle, 64);
            queue.Copy(from.Handle, to.Handle, 64);
            timer.Stop();
            queue.Copy(from.Handle, to.Handle, 64);
            timer.Elapsed().TotalMilliseconds.ShouldBe(2);

            timer.Start();
            timer.Stop();
            timer.Elapsed().ShouldBe(TimeSpan.Zero);
        }

        from.Release();
        to.Release();
        device.Close();
        driver.Open.ShouldBe(0, "events are closed with the stop-watch");
    }

    [Fact]
    public void Runs_are_timed_without_those_that_warm_up()
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        FuserValue[] inputs = [Programs.Range(100), Programs.Range(100)];
        var (plan, kernels) = DevicePrograms.Compile(device, Partitioner.Plan(Normaliser.Normalise(GraphText.Parse(s_text)), inputs, FusionMode.Fused));
        var heap = new DeviceHeap(device.Name, device.Open());
        using (var queue = heap.Session.CreateQueue())
        using (var timer = queue.CreateTimer())
        using (var run = new DeviceRun(plan, heap, queue, threads: 1, _ => throw new InvalidOperationException("no input is on a device")))
        {
            run.Measure(inputs, kernels, 5, timer).TotalMilliseconds.ShouldBe(5);
        }

        heap.Bytes.ShouldBe(0);
        driver.Calls.Count(call => call == "LaunchKernel").ShouldBeGreaterThan(5);
        device.Close();
    }

    [Fact]
    public void A_device_that_is_lost_meanwhile_is_an_error()
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        using var queue = device.Open().CreateQueue();
        using var timer = queue.CreateTimer();
        timer.Start();
        timer.Stop();
        driver.Fails = call => call == "EventElapsedTime" ? CudaCodes.IllegalAddress : 0;
        Should.Throw<LaunchException>(() => timer.Elapsed()).Code.ShouldBe(ErrorCodes.DeviceLost);
    }

    [Fact]
    public void Without_events_the_clock_is_asked_when_the_queue_is_empty()
    {
        var queue = new CountingQueue();
        using DeviceTimer timer = new ClockTimer(queue);
        timer.Start();
        timer.Stop();
        queue.Finished.ShouldBe(2);
        timer.Elapsed().ShouldBeGreaterThanOrEqualTo(TimeSpan.Zero);
    }

    private sealed unsafe class CountingQueue : DeviceQueue
    {
        public int Finished { get; private set; }

        public override void Write(nint buffer, byte* source, long bytes) => throw new NotSupportedException();

        public override void Read(nint buffer, byte* destination, long bytes) => throw new NotSupportedException();

        public override void Copy(nint source, nint destination, long bytes) => throw new NotSupportedException();

        public override void ReadWrapped(nint buffer, long bytes) => throw new NotSupportedException();

        public override void Launch(LoadedCode code, Kernels.Targets.Forms.DeviceCode kernel, ReadOnlySpan<ulong> parameters, long items) => throw new NotSupportedException();

        public override void Finish() => Finished++;

        public override void Dispose()
        {
        }
    }
}
