using System.ComponentModel.DataAnnotations;
using Fuser.Actors.Devices;
using Fuser.Kernels.Devices.Accelerators;
using Microsoft.Extensions.Options;

namespace Fuser.Actors;

/// <summary>Checks options where they enter: the ranges on the properties, that times are positive, that the device exists.</summary>
internal sealed class FuserOptionsValidator : IValidateOptions<FuserOptions>
{
    public ValidateOptionsResult Validate(string? name, FuserOptions options)
    {
        var problems = Problems(options);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <exception cref="ValidationException">An option is out of range.</exception>
    public static void ThrowIfInvalid(FuserOptions options)
    {
        var problems = Problems(options);
        if (problems.Count > 0)
        {
            throw new ValidationException(string.Join(" ", problems));
        }
    }

    private static List<string> Problems(FuserOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        var problems = results.ConvertAll(result => result.ErrorMessage ?? "an option is out of range");
        Check(nameof(FuserOptions.CompileTimeout), options.CompileTimeout);
        Check(nameof(FuserOptions.AskTimeout), options.AskTimeout);
        Check(nameof(FuserOptions.ShutdownTimeout), options.ShutdownTimeout);
        if (options.Device != RunOptions.CheapestDevice && !Device.OfHost().Any(device => device.Name == options.Device) && !AcceleratorCatalogue.IsName(options.Device))
        {
            problems.Add($"{nameof(FuserOptions.Device)} is '{options.Device}', wanted {string.Join(" or ", Device.OfHost().Select(device => device.Name).Concat(AcceleratorCatalogue.Kinds))}, the latter perhaps with a number, or {RunOptions.CheapestDevice}.");
        }

        if (!Enum.IsDefined(options.WhenDeviceQueueFull))
        {
            problems.Add($"{nameof(FuserOptions.WhenDeviceQueueFull)} is {options.WhenDeviceQueueFull}, wanted {string.Join(" or ", Enum.GetNames<DeviceQueueBehavior>())}.");
        }

        return problems;

        void Check(string option, TimeSpan value)
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
            {
                problems.Add($"{option} is {value}, wanted a time above 0 and at most a day.");
            }
        }
    }
}
