using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.OpenCl;

/// <summary>An in-order command queue. Nothing blocks before <see cref="Finish"/>, except what reads wrapped memory.</summary>
internal sealed unsafe class OpenClQueue(OpenClAccelerator accelerator, IOpenClApi api, nint queue) : DeviceQueue
{
    public override void Write(nint buffer, byte* source, long bytes)
    {
        if (bytes > 0)
        {
            Check(api.EnqueueWriteBuffer(queue, buffer, 0, (nuint)bytes, source), "clEnqueueWriteBuffer");
        }
    }

    public override void Read(nint buffer, byte* destination, long bytes)
    {
        if (bytes > 0)
        {
            Check(api.EnqueueReadBuffer(queue, buffer, 0, (nuint)bytes, destination), "clEnqueueReadBuffer");
        }
    }

    public override void Copy(nint source, nint destination, long bytes)
    {
        if (bytes > 0)
        {
            Check(api.EnqueueCopyBuffer(queue, source, destination, (nuint)bytes), "clEnqueueCopyBuffer");
        }
    }

    public override void ReadWrapped(nint buffer, long bytes)
    {
        int error;
        var mapped = api.EnqueueMapBuffer(queue, buffer, OpenClCodes.MapRead, (nuint)bytes, &error);
        OpenClCodes.CheckDone(error, accelerator.Name, "clEnqueueMapBuffer");
        Check(api.EnqueueUnmapMemObject(queue, buffer, mapped), "clEnqueueUnmapMemObject");
    }

    public override byte* TryMap(nint buffer, long bytes)
    {
        if (!accelerator.Limits.SharesMemory || bytes == 0)
        {
            return null;
        }

        int error;
        var mapped = api.EnqueueMapBuffer(queue, buffer, OpenClCodes.MapRead | OpenClCodes.MapWrite, (nuint)bytes, &error);
        OpenClCodes.CheckDone(error, accelerator.Name, "clEnqueueMapBuffer");
        return (byte*)mapped;
    }

    public override void Unmap(nint buffer, byte* mapped) => Check(api.EnqueueUnmapMemObject(queue, buffer, mapped), "clEnqueueUnmapMemObject");

    public override void Launch(LoadedCode code, DeviceCode kernel, ReadOnlySpan<ulong> parameters, long items)
    {
        var limits = accelerator.Limits;
        if (accelerator.UsesVectors)
        {
            items = Math.Min(items, limits.GridSize);
        }

        var groups = (items + kernel.GroupSize - 1) / kernel.GroupSize;
        var loaded = (OpenClCode)code;
        lock (loaded.Gate)
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                var value = parameters[i];
                Check(api.SetKernelArg(loaded.Kernel, (uint)i, (nuint)kernel.Parameters.All[i].Bytes, &value), $"clSetKernelArg({i})");
            }

            Check(api.EnqueueKernel(queue, loaded.Kernel, (nuint)(groups * kernel.GroupSize), (nuint)kernel.GroupSize), $"the launch of {kernel.Entry}");
        }
    }

    public override void Finish() => OpenClCodes.CheckDone(api.Finish(queue), accelerator.Name, "clFinish");

    public override void Dispose() => api.ReleaseCommandQueue(queue);

    private void Check(int code, string what) => OpenClCodes.Check(code, accelerator.Name, what);
}
