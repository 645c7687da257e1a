using System.Collections.Immutable;
using Fuser.Actors.Caching;
using Fuser.Actors.Core;
using Fuser.Kernels;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Devices;

/// <summary>One queue of an accelerator, on a thread of its own, that does one launch at a time: copies in, kernels, copies out. Its parent says which is next.</summary>
internal sealed class StreamActor(DeviceHeap heap) : Actor
{
    private readonly LeasedKernels _leased = new();
    private DeviceQueue? _queue;

    protected override void Receive(object message)
    {
        if (message is not StreamLaunch launch)
        {
            Unhandled(message);
            return;
        }

        ImmutableArray<DeviceBuffer> results = default;
        try
        {
            if (Sender.IsWaiting)
            {
                results = Run(launch);
            }
        }
        catch (LaunchException error) when (error.Code == ErrorCodes.DeviceLost)
        {
            Sender.Fail(error);
            Context.Parent!.Tell(new StreamLost(Self, error));
            return; // the parent ends this stream, and everything else on the device
        }
        catch (FuserException error)
        {
            Sender.Fail(error); // the request's fault, not the stream's: no restart
        }
        finally
        {
            foreach (var input in launch.Inputs.Values)
            {
                input.Release();
            }
        }

        Context.Parent!.Tell(new StreamIdle(Self, results), results.IsDefault ? default : Sender);
    }

    protected override void PostRestart(Exception cause)
    {
        base.PostRestart(cause);
        Context.Parent!.Tell(new StreamIdle(Self, default));
    }

    protected override void PostStop() => _queue?.Dispose();

    private ImmutableArray<DeviceBuffer> Run(StreamLaunch message)
    {
        var launch = message.Launch;
        Context.Status = $"running {launch.Kernels.Length} kernels";
        _queue ??= heap.Session.CreateQueue();
        _leased.Take(launch.Kernels);
        try
        {
            using var run = new DeviceRun(launch.Plan, heap, _queue, launch.Threads, resident => Hold(message, resident));
            if (launch.KeepResults)
            {
                return run.RunResident(launch.Inputs.AsSpan(), _leased.Kernels, launch.Seed);
            }

            var outputs = launch.Outputs.IsDefault
                ? ImmutableArray.CreateRange(launch.Plan.Plan.Outputs, output => NdArray.Allocate(output.DType, output.Shape))
                : launch.Outputs;
            run.Run(launch.Inputs.AsSpan(), outputs.AsSpan(), _leased.Kernels, launch.Seed);
            Sender.Tell(new Launched(outputs));
            return default;
        }
        finally
        {
            _leased.Release();
            Context.Status = null;
        }
    }

    private static DeviceBuffer Hold(StreamLaunch message, ResidentMemory resident)
    {
        var buffer = message.Inputs[resident.Id];
        buffer.TryHold(); // held by the message already, so it is there
        return buffer;
    }
}
