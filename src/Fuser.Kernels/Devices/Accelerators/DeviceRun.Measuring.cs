using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>The same run over and over, for measurements: nothing is allocated or copied between runs, and no run waits for the one before to end.</summary>
internal sealed partial class DeviceRun
{
    /// <summary>Runs before those that are timed: a plan of several kernels that comes again is started in another way than the first time.</summary>
    private const int WarmUps = 3;

    /// <summary>Time of so many runs whose results stay on the device and are forgotten.</summary>
    /// <param name="timer">Of this run's queue.</param>
    /// <exception cref="InputException">An integer was divided by zero, or an index was none.</exception>
    /// <exception cref="LaunchException">Memory is exhausted, or the device failed.</exception>
    public TimeSpan Measure(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<CompiledKernel> kernels, int runs, DeviceTimer timer)
    {
        BindInputs(inputs);
        foreach (var output in _plan.Plan.Outputs)
        {
            if (output.ScalarSlot < 0)
            {
                _bound[output.Buffer] = new BoundBuffer(Allocate(Shapes.ElementCount(output.Shape.AsSpan()) * output.DType.ItemSize()).Handle, 0);
            }
        }

        var numbers = Numbers(inputs);
        for (var i = 0; i < WarmUps; i++)
        {
            Launch(inputs, kernels, numbers, seed: 0);
        }

        timer.Start();
        for (var i = 0; i < runs; i++)
        {
            Launch(inputs, kernels, numbers, seed: 0);
        }

        timer.Stop();
        var elapsed = timer.Elapsed();
        _queue.Finish();
        _isPending = false;
        return elapsed;
    }
}
