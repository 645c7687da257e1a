using Fuser.Actors;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Examples;

/// <summary>Nothing is copied on the way in or out: inputs are views of the caller's arrays, and results are written into them.</summary>
internal static class OwnMemory
{
    public static async Task RunAsync()
    {
        await using var fuser = await FuserSystem.StartAsync();
        var blend = await fuser.RegisterAsync(GraphExpression.From((image, gain) => (image * gain).Clamp(0, 1)));

        // A picture of 2 x 3 pixels with 3 channels; gain is broadcast over all pixels.
        var pixels = Enumerable.Range(0, 18).Select(i => i / 17f).ToArray();
        var image = NdArray.From(pixels, 2, 3, 3);
        FuserValue[] inputs = [image, NdArray.From([1f, 1.5f, 2f])];

        // The first run compiles, later ones with other sizes do not. The output is the input's own memory here.
        await blend.RunAsync(inputs, new[] { image });
        Console.WriteLine($"blended in place: {pixels[1]:F3}, {pixels[17]:F3}");

        // A view of the second row only, and the result into the middle of another array.
        var target = new float[100];
        inputs[0] = NdArray.From<float>(pixels, new TensorLayout([3, 3], [3, 1], offset: 9));
        NdArray[] outputs = [NdArray.From<float>(target, new TensorLayout([3, 3], [3, 1], offset: 50))];
        if (!blend.TryRun(inputs, outputs))
        {
            await blend.RunAsync(inputs, outputs);
        }

        Console.WriteLine($"second row: {target[50]:F3} to {target[58]:F3}");
    }
}
