using System.Numerics.Tensors;
using System.Reflection;
using System.Runtime.Intrinsics;
using Fuser.Compare.Measuring;
using Fuser.Compare.Protocol;
using Fuser.Host.Measuring;

namespace Fuser.Compare.Peers;

/// <summary>
/// <see cref="TensorPrimitives"/> as one uses it well: pass after pass over pieces that stay in the first-level cache, and one part of the
/// pieces for each thread.
/// </summary>
internal sealed class TensorPrimitivesWorker : IWorker, IDisposable
{
    private const int SerialBelow = 32_768;

    private readonly Dictionary<int, ThreadTeam> _teams = [];
    private PeerArrays? _arrays;
    private PassKernel? _kernel;

    public IEnumerable<string> Hello()
    {
        var version = typeof(TensorPrimitives).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        var width = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        return [$"System.Numerics.Tensors={version}", $".NET={Environment.Version}", $"vector bits={width}"];
    }

    public void Prepare(string workload, IReadOnlyList<string> arrays)
    {
        Release();
        _arrays = new PeerArrays(arrays);
        _kernel = PassKernel.Find(workload, _arrays);
    }

    public string Check(string subject, int threads, long stride, string path)
    {
        var kernel = _kernel ?? throw new RefusedException(PassKernel.WhyNot);
        _arrays!.Poison();
        Run(kernel, threads);
        _arrays.WriteOutputs(path, stride);
        return kernel.Note;
    }

    public (double Nanoseconds, long Calls) Time(string subject, int threads, double milliseconds)
    {
        var kernel = _kernel!;
        return Clock.Measure(() => Run(kernel, threads), milliseconds / 1000);
    }

    public double Cold(int operations, int number) => throw new RefusedException("nothing is compiled");

    public IEnumerable<string> Figures(IReadOnlyList<string> arguments) => throw new RefusedException("no figures of its own");

    public void Release()
    {
        _arrays?.Dispose();
        (_arrays, _kernel) = (null, null);
    }

    public void Dispose()
    {
        Release();
        foreach (var team in _teams.Values)
        {
            team.Dispose();
        }
    }

    private void Run(PassKernel kernel, int threads)
    {
        if (threads == 1 || kernel.Items * kernel.ItemLength < SerialBelow)
        {
            kernel.Run(0, 0, kernel.Items);
            kernel.Finish(1);
            return;
        }

        if (!_teams.TryGetValue(threads, out var team))
        {
            _teams.Add(threads, team = new ThreadTeam(threads));
        }

        team.Run(member => kernel.Run(member, kernel.Items * member / threads, kernel.Items * (member + 1) / threads));
        kernel.Finish(threads);
    }
}
