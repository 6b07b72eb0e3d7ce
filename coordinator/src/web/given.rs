//! A small value as a template hands it over: behind as many references as the template engine put
//! before it. Methods that templates call take `impl Given<…>`, so that no template has to know.

/// Gives the value itself.
pub trait Given<T> {
    /// The value.
    fn given(&self) -> T;
}

macro_rules! given {
    ($($value:ty),*) => {
        $(impl Given<Self> for $value {
            fn given(&self) -> Self {
                *self
            }
        })*
    };
}

given!(bool, i64, u32);

impl<T, V: Given<T>> Given<T> for &V {
    fn given(&self) -> T {
        (**self).given()
    }
}
