using Fuser.Host.Npy;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests;

/// <summary>A directory of one test's own.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Path = Directory.CreateTempSubdirectory("fuser-host-tests-").FullName;

    public string Path { get; }

    public string Of(string name) => System.IO.Path.Combine(Path, name);

    public string Text(string name, string content)
    {
        File.WriteAllText(Of(name), content);
        return Of(name);
    }

    public string Array(string name, NdArray array)
    {
        NpyWriter.Save(Of(name), array);
        return Of(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
